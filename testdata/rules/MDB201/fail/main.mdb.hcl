mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
server "user3" { address = "u3.db" }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start = "0:0"
    shards = [server.u1, server.usr3, srver.u1, server["nope"], server.u1.address]
  }
  partition "p1" {
    start = "0:5"
    shards = [for i in range(3) : server["u${i + 1}"]]
  }
}
locals {
  a = local.missing
  b = var.missing
  c = lowr("A")
  d = shard.index
  e = local
}
briefcase "customer" {
  area = area.usr
  key  = "g_user"
  table "tbl_user" {}
}
