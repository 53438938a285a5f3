mdb {
  namespace = "rules"
}
servr "u1" { address = "u1.db" }
server "u2" { adress = "u2.db" }
area "user" {
  database = "user_${partition.name}"
  partiton "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
area "order" {
  database = "order"
  partition "p0" {
    strat = "0:0"
    shard = [server.u1]
  }
}
briefcase "customer" {
  area = area.user
  keys = "g_user"
  tabel "t" {}
}
authority "a" {
  nmber = 1
  file  = ["a"]
}
varible "v" { default = 1 }
locals {
  x = var.v
}
