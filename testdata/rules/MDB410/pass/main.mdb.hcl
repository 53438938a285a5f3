mdb {
  namespace = "rules"
}
server_defaults {
  pool {
    max_open     = 64
    max_idle     = 64
    max_lifetime = "4m"
  }
}
server "u1" {
  address = "u1.db"
  pool { max_lifetime = "1m" }
}
server "u2" { address = "u2.db" }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
}
