mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
authority "a" {
  number = 0
}
authority "b" {
  number = 1
  store  = database(server.u1, "ids")
  files  = ["a"]
}
authority "c" {
  number = 2
  files  = []
}
