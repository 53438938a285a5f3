mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
area "user" {
  database = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_${partition.name}_${shard.index}"
  partition "p0" {
    start = "0:0"
    shards = [server.u1]
  }
  partition "p1" {
    start = "0:5"
    shards = [database(server.u1, ""), database(server.u1, "a.b"), database(server.u1, "mysql")]
  }
}
central {
  database = ""
  shards   = [server.u1]
}
authority "a" {
  number = 1
  store  = database(server.u1, " ids")
}
