mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }

variable "count" {
  type    = number
  default = 2
}
locals {
  all = [for i in range(var.count) : server["u${i + 1}"]]
}
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = local.all
  }
}
