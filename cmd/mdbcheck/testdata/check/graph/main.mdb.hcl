mdb {
  namespace = "acme&<prod>"
}
server "c1" { address = "c1:3306" }
server "u1" {
  address = "u1:3306"
  replica "b" { address = "u1b:3306" }
}
server "u2" { dsn = env("U2_DSN") }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  breakpoint "y2027" {
    at = "0:8_000_000_000"
    partition "r0" {
      offset = "0:0"
      hash   = "mod1"
      shards = [for i in range(40) : server["u${i % 2 + 1}"]]
    }
  }
}
area "shop" {
  database = "shop_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
central {
  database = "central_${shard.index}"
  shards   = [for i in range(4) : server.c1]
  index "email" {
    briefcase = briefcase.customer
    normalize = ["trim", "fold"]
  }
}
briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {}
}
