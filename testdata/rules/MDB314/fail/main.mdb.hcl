mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }

area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p1" {
    start  = "0:10"
    shards = [server.u1]
  }
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
  breakpoint "b" {
    at = "0:100"
    partition "r0" {
      offset = "0:0"
      shards = [server.u1]
    }
    partition "r2" {
      offset = "0:20"
      shards = [server.u1]
    }
    partition "r1" {
      offset = "0:10"
      shards = [server.u1]
    }
  }
}
