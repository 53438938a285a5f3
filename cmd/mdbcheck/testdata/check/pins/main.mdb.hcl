mdb {
  namespace = "acme"
}
server "c1" { address = "c1:3306" }
server "c2" { address = "c2:3306" }
server "u1" { address = "u1:3306" }
server "u2" { address = "u2:3306" }
server "u3" { address = "u3:3306" }
authority "a" {
  number = 0
  files  = ["ids/a"]
}
central {
  database = "central_${shard.index}"
  shards   = [for i in range(64) : server["c${i % 2 + 1}"]]
  index "email" {
    briefcase = briefcase.customer
    normalize = ["trim", "nfkc", "fold"]
    max_bytes = 320
  }
  index "number" {
    briefcase = briefcase.customer
    type      = "int64"
  }
  index "tag" {
    briefcase = briefcase.customer
    type      = "bytes"
  }
  index "device" {
    briefcase = briefcase.customer
    type      = "uuid"
  }
  index "parent" {
    briefcase = briefcase.customer
    type      = "gdid"
  }
}
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:250_000"
    shards = [server.u1, server.u2, server.u3]
  }
}
briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {}
}
