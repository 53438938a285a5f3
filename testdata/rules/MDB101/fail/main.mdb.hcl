mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db", zone = "a" }
server "u2" {
  address = 
}
