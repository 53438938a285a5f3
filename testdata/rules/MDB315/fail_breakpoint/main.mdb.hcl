mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
  breakpoint "b" {
    at = "3:100"
    partition "r1" {
      offset = "1:0"
      shards = [database(server.u1, "r1")]
    }
    partition "r0" {
      offset = "0:0"
      shards = [database(server.u1, "r0")]
    }
  }
}
