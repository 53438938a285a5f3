mdb {
  namespace = "shop_test"
}
variable "db_password" {
  type      = string
  sensitive = true
}
server_defaults {
  user     = "shop"
  password = var.db_password
  params   = { parseTime = "true", timeout = "2s", readTimeout = "30s", writeTimeout = "30s" }
}
server "u1" {
  address = "u1.db.shop.example:3306"
  replica "b" { address = "u1b.db.shop.example:3306" }
}
server "u2" { address = "u2.db.shop.example:3306" }

area "user" {
  database = "shop_user_${partition.name}_${shard.index}"
  schema   = "schema/user"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:1_000"
    shards = [server.u1, server.u2]
  }
}
briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {
    table "tbl_order" {}
  }
}
profile "solo" { collapse_to = server.local }
server "local" { address = "127.0.0.1:3306" }
