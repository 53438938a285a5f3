mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
central {
  database = "c_${shard.index}"
  shards   = [server.u1]
}
