mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }

# mdbcheck:ignore MDB313 -- nothing of the kind is here
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
}

# mdbcheck:ignore MDB304 -- an error
# mdbcheck:ignore MDB901 -- about versions
# mdbcheck:ignore same-server-twise -- misspelt
# mdbcheck:ignore MDB109 -- about ignores
# mdbcheck:ignore
# mdbcheck:ignore-file MDB204 -- not at the top
briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {}
}

# mdbcheck:ignore MDB204 -- nothing follows
