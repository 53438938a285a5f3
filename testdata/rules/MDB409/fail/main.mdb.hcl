mdb {
  namespace = "rules"
}
server_defaults {
  user     = "mdb"
  password = env("MDB_PASSWORD")
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
server "u3" {
  dsn = "root@tcp(u3.db:3306)/"
}
server "u4" {
  address = "u4.db"
  params  = { tls = "true" }
}
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2, server.u3, server.u4]
  }
}
