server "u1" {
}
server {
  address = "x"
}
area "user" {
  database = "user_${partition.name}"
  partition "p0" {
  }
  breakpoint "b" {
    partition "r0" { shards = [server.u1] }
  }
}
authority "a" { files = ["a", "b"] }
server "u2" {
  address = "u2"
  replica "r" {}
  admin {}
}
central {
  database = "c_${shard.index}"
}
profile "solo" {}
variable "x" {
  default = 1
  validation {}
}
