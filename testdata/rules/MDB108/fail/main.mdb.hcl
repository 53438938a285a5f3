mdb {
  namespace = "acme/solo"
}
server "User-1" { address = "a" }
server "1u" { address = "b" }
sequence "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" {}
area "user" {
  database = "d_${partition.name}"
  partition "P0" {
    start = "0:0"
    shards = [server.u1]
  }
}
server "u1" {
  address = "c"
  replica "" { address = "d" }
}
