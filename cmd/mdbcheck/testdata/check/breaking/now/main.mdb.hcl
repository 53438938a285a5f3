mdb {
  namespace = "acme"
  hash      = "azos1"
}
server "u1" { address = "u1:3306" }
server "u2" { address = "u2:3306" }
server "u3" { address = "u3:3306" }
server "u4" { address = "u4:3306" }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:250_000"
    shards = [server.u1, server.u2, server.u3, server.u4]
  }
  partition "p2" {
    start  = "0:500_000"
    shards = [server.u1, server.u2]
  }
  breakpoint "y2027" {
    at = "0:8_000_000_000"
    partition "r0" {
      offset = "0:0"
      shards = [server.u4, server.u3]
    }
  }
}
