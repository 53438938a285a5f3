mdb {
  namespace = "rules"
}
server "u1" {
  address = "u1.db"
  replica "u1b" { address = "u1.db:3307" }
}
