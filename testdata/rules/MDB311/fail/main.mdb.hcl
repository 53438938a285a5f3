mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
area "user" {
  database = "user_${partition.name}"
  partition "p0" {
    start = "0:0"
    shards = [server.u1, server.u2, server.u1]
  }
  partition "p1" {
    start = "0:5"
    shards = [database(server.u1, "x"), database(server.u1, "x")]
  }
  partition "p2" {
    start = "0:9"
    shards = [for i in range(4) : server["u${i % 2 + 1}"]]
  }
}
