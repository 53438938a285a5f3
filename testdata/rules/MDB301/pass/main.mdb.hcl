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
    start = "0:1_152_921_504_606_846_975"
    shards = [server.u1]
  }
  partition "p2" {
    start  = gdid(1, 5)
    shards = [server.u1]
  }
}
