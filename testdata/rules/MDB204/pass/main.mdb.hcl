mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }

server "c1" { address = "c1.db" }
server "local" { address = "127.0.0.1" }
authority "a" {
  number = 0
  store  = database(server.c1, "mdb_ids")
}
profile "solo" { collapse_to = server.local }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
}
