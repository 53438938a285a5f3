mdb {
  namespace = "rules"
}
server_defaults {
  user     = env("USER_UNSET")
  password = env("PASSWORD_UNSET")
  admin {
    user     = "x"
    password = env("ADMIN_UNSET")
  }
}
server "u1" { address = "root:hunter2@u1.db:3306" }
server "u2" { address = "a b c:99999" }
server "u3" {
  address = "u3.db"
  params  = { timeout = "soon" }
  replica "r" { address = "r3.db:port" }
}
server "u4" {
  address = env("ADDRESS_UNSET")
  replica "r" { address = "r4.db:0" }
}
server "u5" {
  address = "u5.db:0"
  replica "r" { address = env("ADDRESS_UNSET") }
}
