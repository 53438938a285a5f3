mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
}
central {
  database = "c_${shard.index}"
  shards   = [server.u1, area.user]
  index "email" { briefcase = server.u1 }
}
briefcase "customer" {
  area = server.u1
  key  = "g_user"
  table "tbl_user" {}
}
authority "a" {
  number = 1
  store  = server.u1
}
profile "solo" { collapse_to = area.user }
