mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db:3306" }
server "u2" { address = "u1.db:3307" }
server "u4" { dsn = env("MDB_U4_DSN") }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2, server.u4]
  }
}
