mdb {
  namespace = "acme"
}
server "u1" { address = "u1:3306" }
server "u2" { address = "u2:3306" }
server "u3" { address = "u3:3306" }
