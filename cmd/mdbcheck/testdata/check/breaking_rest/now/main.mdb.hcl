mdb {
  namespace = "acme_prod"
}
server "c1" { address = "c1:3306" }
server "c2" { address = "c2new:3306" }
server "u1" { address = "u1:3306" }
server "local" { address = "127.0.0.1:3306" }
server "laptop" { address = "127.0.0.2:3306" }
authority "chi" {
  number = 0
  store  = database(server.c1, "mdb_ids")
}
authority "nyc" {
  number = 2
  store  = database(server.c2, "mdb_ids")
}
authority "lax" {
  number = 4
  store  = database(server.c2, "more_ids")
}
authority "sfo" {
  number = 3
  store  = database(server.u1, "other_ids")
}
sequence "order" { block = 1000 }
central {
  database = "central_${shard.index}"
  shards   = [for i in range(8) : server["c${i % 2 + 1}"]]
  index "email" {
    briefcase = briefcase.customer
    normalize = ["trim", "nfkc", "fold"]
    max_bytes = 300
  }
  index "phone" {
    briefcase = briefcase.customer
    max_bytes = 64
    unique    = false
    normalize = ["trim", "fold"]
  }
}
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
area "shop" {
  database = "shop_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
briefcase "customer" {
  area = area.user
  key  = "user_gdid"
  table "tbl_user" {
    table "tbl_order" {}
  }
}
briefcase "basket" {
  area = area.user
  key  = "g_basket"
  table "tbl_item" {
    table "tbl_basket" {}
  }
}
briefcase "wishlist" {
  area = area.shop
  key  = "g_wish"
  table "tbl_wish" {}
}
profile "solo" { collapse_to = server.laptop }
