mdb {
  namespace = "acme_prod"
}
server "u1" { address = "u1.db:3306" }
server "u2" { address = "u1.db:3306" } # mdbcheck:ignore duplicate-address until=2020-12-31 -- one machine until u2 arrives
area "user" {                          # mdbcheck:ignore MDB607 -- the tables belong to another team
  database = "user_${shard.index}"
  partition "p0" {
    start = "0:0"
    # mdbcheck:ignore MDB313 until=9999-12-31 -- small shards
    shards = [server.u1, server.u2, server.u1]
  }
}
