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
central {
  database = "central_${shard.index}"
  shards   = [for i in range(16) : server["u${i % 2 + 1}"]]
  cache {
    ttl          = "2s"
    negative_ttl = "2s"
  }
}
