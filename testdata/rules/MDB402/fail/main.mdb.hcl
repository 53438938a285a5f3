mdb {
  namespace = "rules"
}
server "u1" {
  dsn     = env("U1")
  address = "u1.db"
  user    = "x"
  replica "r" {
    address = "r.db"
    dsn     = env("R")
  }
}
