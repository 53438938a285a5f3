mdb {
  namespace = "rules"
}
server "u1" {
  dsn = "root@tcp(u1.db:3306)/user"
  replica "b" { dsn = env("MDB_U1B_DSN") }
}
server "u2" { address = "u2.db" }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
}
