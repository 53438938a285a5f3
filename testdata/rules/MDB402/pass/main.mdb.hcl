mdb {
  namespace = "rules"
}
server_defaults {
  user = "x"
}
server "u1" {
  dsn = env("U1")
  replica "r" { address = "r.db" }
}
server "u2" {
  address = "u2.db"
  user    = "y"
}
