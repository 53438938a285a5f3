mdb {
  namespace = "acme"
}
server_defaults {
  user = "app"
  password = "hunter2"
}
server "u1" {
  dsn = "app:hunter2@tcp(u1:3306/"
}
server "u2" {
  address = "u2:3306"
  dsn     = "app:hunter2@tcp(u2:3306)/?allowAllFiles=true"
}
server "u3" { dsn = "app:hunter2@tcp(u3:3306)/" }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2, server.u3, "u4"]
  }
}
