mdb {
  namespace = "embedded"
}
server "u1" { dsn = env("U1_DSN") }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  schema   = "schema"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
area "order" {
  partition "p0" {
    start  = "0:0"
    shards = [database(server.u1, "order")]
  }
}
briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {}
}
briefcase "order" {
  area = area.order
  key  = "g_order"
  table "tbl_order" {}
}
