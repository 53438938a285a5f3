mdb { namespace = "example_gorm" }

variable "dsns" {
  type      = list(string)
  sensitive = true
}

server_defaults {
  params = { timeout = "2s", readTimeout = "30s", writeTimeout = "30s" }
}

server "s1" { dsn = var.dsns[0] }
server "s2" { dsn = var.dsns[1] }

area "user" {
  database = "gorm_user_${partition.name}_${shard.index}"
  schema   = "schema"

  partition "p0" {
    start  = "0:0"
    shards = [server.s1, server.s2]
  }
}

briefcase "customer" {
  area = area.user
  key  = "g_user"

  table "tbl_user" {
    table "tbl_order" {}
  }
}
