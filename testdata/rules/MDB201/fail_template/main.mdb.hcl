mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
area "user" {
  database = "user_${partion.name}_${shard.number}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
central {
  database = "c_${partition.name}"
  shards   = [server.u1]
}
