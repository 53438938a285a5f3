mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start = "0:0"
    shards = []
  }
  partition "p1" {
    start = "0:5"
    shards = [for s in [] : s]
  }
}
central {
  database = "c"
  shards   = []
}
