central {
  database = "d_${shard.index}"
  shards   = [server.u2]
}
