mdb {
  namespace = "rules"
}
server "u1" { address = null }
area "user" {
  database = "d"
  partition "p0" {
    start  = null
    shards = null
  }
}
