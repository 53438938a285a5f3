mdb { namespace = "embedded" }

server_defaults {
  params = { timeout = "2s", readTimeout = "30s", writeTimeout = "30s" }
}
server "a" { address = "127.0.0.1:1" }
server "b" { address = "127.0.0.1:2" }

area "user" {
  database = "shop_user_${partition.name}_${shard.index}"

  partition "p0" {
    start  = "0:0"
    shards = [server.a, server.b]
  }
  partition "p1" {
    start  = "0:1_000"
    shards = [server.a, server.b, server.a]
  }
}

briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {}
}
