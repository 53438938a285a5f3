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
  partition "p1" {
    start = "0:1152921504606846976"
    shards = [server.u1]
  }
  partition "p2" {
    start = "4294967296:0"
    shards = [server.u1]
  }
  partition "p3" {
    start = "250000"
    shards = [server.u1]
  }
  partition "p4" {
    start = "0:-1"
    shards = [server.u1]
  }
  partition "p5" {
    start = "0:2_"
    shards = [server.u1]
  }
  partition "p6" {
    start = ""
    shards = [server.u1]
  }
  breakpoint "b" {
    at = "4294967295:1152921504606846975"
    partition "r0" {
      offset = "0:0"
      shards = [server.u1]
    }
    partition "r1" {
      offset = "0:1"
      shards = [server.u1]
    }
  }
}
