mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" {
  address = "u2.db"
  replica "b" { address = "U1.db:3306" }
}
server "u4" { dsn = env("MDB_U4_DSN") }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2, server.u4]
  }
}
