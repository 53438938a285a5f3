mdb {
  namespace = "rules"
}
server_defaults {
  user   = "mdb"
  params = { timeout = "2s" }
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
server "u3" {
  dsn = env("MDB_U3_DSN")
}
server "u4" {
  address = "u4.db"
  params  = { tls = "skip-verify" }
}
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2, server.u3, server.u4]
  }
}
