mdb {
  namespace = "rules"
}
server "u1" { dsn = "user@u1.db" }
server "u2" { dsn = "mysql://u:hunter2@u2.db/x" }
server "u3" { dsn = env("U3") }
server "u4" { address = "u4.db:port" }
server "u5" {
  address = "u5.db"
  replica "r" { address = "u5 .db" }
}
server "u6" { dsn = "x@tcp(u6.db)/?timeout=soon" }
