mdb {
  namespace = "rules"
}
server "u1" {
  address = ["a"]
  pool {
    max_open     = "many"
    max_idle     = 1.5
    max_lifetime = "10 minutes"
  }
}
server "u2" {
  address = "u2.db"
  params  = { timeout = ["1s"], parseTime = "maybe" }
}
area "user" {
  database = [1]
  partition "p0" {
    start  = "0:0"
    shards = "server.u1"
  }
  partition "p1" {
    start  = "0:10"
    shards = [server.u1, "server.u1", "u2", 7, null]
  }
  partition "p2" {
    start  = "0:20"
    shards = [for s in ["a", "b"] : s]
  }
}
sequence "s" {
  block    = 0
  max_jump = -1
}
index = 1
central {
  database = "c_${shard.index}"
  shards   = [server.u1]
  index "email" {
    briefcase = "briefcase.customer"
    type      = "strng"
    normalize = ["trim", 3, ["x"]]
    unique    = "perhaps"
  }
  cache { ttl = "-1s" }
}
variable "x" {
  type    = strin
  default = 1
}
variable "y" {
  type    = number
  default = "hunter2"
}
variable "z" {
  default = 1
  validation {
    condition     = "no"
    error_message = "m"
  }
}
locals {
  sum  = 1 + "x"
  div  = 1 / 0
  ring = [for s in null : s]
  call = lower()
}
