mdb {
  namespace = "rules"
}
server "u1" {
  cs  = env("MDB_U1_DSN")
  dsn = env("MDB_U1_DSN")
}
server "u2" { cs = env("MDB_U2_DSN") }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
