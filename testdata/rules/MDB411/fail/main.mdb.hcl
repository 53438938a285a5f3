mdb {
  namespace = "rules"
}
server "u1" {
  address = "u1.db"
  replica "u1b" { address = "U1.db:3306" }
}
server "u2" {
  address  = "u2.db"
  password = env("UNSET_PW")
  replica "u2b" { address = "u2.db" }
}
server "u3" {
  dsn = "x@tcp(u3.db:3306)/"
  replica "u3b" { dsn = "y@tcp(u3.db:3306)/" }
}
