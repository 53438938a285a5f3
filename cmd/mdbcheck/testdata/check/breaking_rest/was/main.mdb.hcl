mdb {
  namespace = "acme"
}
server "c1" { address = "c1:3306" }
server "c2" { address = "c2:3306" }
server "u1" { address = "u1:3306" }
server "spare" { address = "spare:3306" }
server "local" { address = "127.0.0.1:3306" }
server "laptop" { address = "127.0.0.2:3306" }
authority "chi" {
  number = 0
  store  = database(server.c1, "mdb_ids")
}
authority "nyc" {
  number = 1
  store  = database(server.c2, "mdb_ids")
}
authority "sfo" {
  number = 3
  store  = database(server.u1, "mdb_ids")
}
sequence "order" { block = 1000 }
sequence "invoice" { block = 1000 }
central {
  database = "central_${shard.index}"
  shards   = [for i in range(4) : server["c${i % 2 + 1}"]]
  index "email" {
    briefcase = briefcase.customer
    normalize = ["trim", "fold"]
    max_bytes = 320
  }
  index "phone" {
    briefcase = briefcase.customer
    max_bytes = 32
    normalize = ["trim", "fold"]
  }
  index "device" {
    briefcase = briefcase.customer
    type      = "uuid"
    max_bytes = 16
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
  key  = "g_user"
  table "tbl_user" {
    table "tbl_address" {}
  }
}
briefcase "basket" {
  area = area.shop
  key  = "g_basket"
  table "tbl_basket" {
    table "tbl_item" {}
  }
}
briefcase "wish" {
  area = area.shop
  key  = "g_wish"
  table "tbl_wish" {}
}
briefcase "note" {
  area = area.user
  key  = "g_note"
  table "tbl_note" {}
}
profile "solo" { collapse_to = server.local }
