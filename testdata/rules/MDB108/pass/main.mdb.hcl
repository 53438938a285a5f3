mdb {
  namespace = "rules"
}
server "user_1" { address = "a" }
sequence "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" {}
