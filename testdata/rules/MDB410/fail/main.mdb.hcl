mdb {
  namespace = "rules"
}
server_defaults {
  pool {
    max_open     = 64
    max_idle     = 2
    max_lifetime = "1h"
  }
}
server "u1" {
  address = "u1.db"
  pool { max_idle = 128 }
}
server "u2" {
  address = "u2.db"
  pool { max_lifetime = "5m" }
}
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
}
