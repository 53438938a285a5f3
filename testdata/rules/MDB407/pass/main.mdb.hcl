mdb {
  namespace = "rules"
}
server_defaults {
  user   = "mdb"
  params = { tls = "true" }
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }
server "u3" {
  dsn = env("MDB_U3_DSN")
}
server "u4" {
  address = "127.0.0.1"
  params  = { tls = "skip-verify" }
}
server "u5" {
  address = "/run/mysqld.sock"
  params  = { tls = "false" }
}
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2, server.u3, server.u4, server.u5]
  }
}
