mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start = "0:0"
    shards = [server.u1]
  }
  breakpoint "zero" {
    at = "0:0"
    partition "r0" {
      offset = "0:0"
      shards = [server.u1]
    }
  }
  breakpoint "later" {
    at = "0:200"
    partition "r1" {
      offset = "0:0"
      shards = [server.u1]
    }
  }
  breakpoint "early" {
    at = "0:100"
    partition "r2" {
      offset = "0:0"
      shards = [server.u1]
    }
  }
  breakpoint "same" {
    at = "0:200"
    partition "r3" {
      offset = "0:0"
      shards = [server.u1]
    }
  }
}
