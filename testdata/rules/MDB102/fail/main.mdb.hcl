mdb {
  namespace = "rules"
}
servr "u1" { address = "u1.db" }
server "u2" {
  adress = "u2.db"
  dsn    = env("U2")
  pool {
    max_opne = 3
  }
}
locals {
  block "x" {}
}
namespace = "x"
sequence "s" {
  pool = 3
  start = "0:0"
}
server "u3" "u4" { address = "x" }
