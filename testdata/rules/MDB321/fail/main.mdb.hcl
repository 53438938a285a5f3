mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
area "user" {
  partition "p0" {
    start = "0:0"
    shards = [server.u1, database(server.u2, "named")]
  }
  partition "p1" {
    start = "0:5"
    shards = [server.u2]
  }
}
central {
  shards = [server.u1]
}
