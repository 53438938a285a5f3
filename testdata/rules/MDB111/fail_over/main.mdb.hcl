mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
# mdbcheck:ignore MDB313 until=2026-10-01 -- u2 has been there for long
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
}
briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {}
}
