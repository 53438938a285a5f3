mdb {
  namespace = "rules"
}
locals {
  prefix = "mdb_"
  login  = "${local.prefix}${env("RULES_USER")}"
}
variable "zone" { default = "a" }
server "u1" {
  address = "u1.db"
  user    = local.login
}
server "u2" {
  address = "u2.db"
  user    = local.login
}
server "u3" {
  address = "u3.db"
  user    = "${local.login}_${var.zone}"
}
server "u4" {
  address = "u4.db"
  user    = "x_${env("RULES_USER")}"
}
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2, server.u3, server.u4]
  }
}
