mdb {
  namespace = "rules"
}
server "u1" { dsn = "root@tcp(u1.db:3306)/?timeout=2s" }
server "u2" { dsn = env("MDB_U2_DSN") }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
}
