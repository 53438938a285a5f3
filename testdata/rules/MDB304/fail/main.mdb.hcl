mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p1" {
    start = "0:500_000"
    shards = [server.u1]
  }
  partition "p0" {
    start = "0:250_000"
    shards = [server.u1]
  }
  breakpoint "b" {
    at = "1:0"
    partition "r0" {
      offset = "0:10"
      shards = [server.u1]
    }
  }
}
