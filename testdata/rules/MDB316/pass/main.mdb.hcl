mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
server "u3" { address = "u3.db" }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u1, server.u2, server.u3]
  }
  partition "p1" {
    start  = "0:10"
    shards = [database(server.u1, "a"), database(server.u1, "b"), database(server.u1, "c")]
  }
}
central {
  database = "central_${shard.index}"
  shards   = [for i in range(16) : i < 9 ? server.u1 : server.u2]
}
