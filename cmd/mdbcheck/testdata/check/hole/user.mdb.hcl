# Everything about users.
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:250_000"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start = "0:500_000"

    shards = [server.u1, server.u33]
  }
}
