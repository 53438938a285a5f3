mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
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
central {
  database = "central_${shard.index}"
  shards   = [for i in range(16) : server["u${i % 2 + 1}"]]
  index "email" {
    briefcase = briefcase.customer
    normalize = ["trim", "nfkc"]
  }
  index "phone" {
    briefcase = briefcase.customer
  }
  index "name" {
    briefcase = briefcase.customer
    normalize = ["fold"]
  }
}
