mdb {
  namespace = "rules"
}
server_defaults {
  params = { readTimout = "1s" }
}
server "u1" {
  address = "u1.db"
  params  = { writeTimeot = "1s" }
}
server "u2" { dsn = "x@tcp(u2.db)/?parsTime=true" }
