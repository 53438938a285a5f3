mdb {
  namespace = "rules"
}
server "u1" {
  address = "u1.db"
    zone = "a"
}
area "user" {
  database = "user"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
