mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [for i in range(300) : server.u1]
  }
}

central {
  database = "central_${shard.index}"
  shards   = [for i in range(256) : server.u2]
}
