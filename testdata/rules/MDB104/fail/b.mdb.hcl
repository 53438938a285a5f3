mdb {
  namespace = "rules"
}
server "u1" { address = "other.db" }
locals {
  x = 2
}
area "user" {
  database = "d_${partition.name}"
  database = "e"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
  breakpoint "b" {
    at = "0:100"
    partition "p0" {
      offset = "0:0"
      shards = [server.u1]
    }
  }
}
server_defaults {
  params = { timeout = "1s", timeout = "2s" }
  pool {}
  pool {}
}
