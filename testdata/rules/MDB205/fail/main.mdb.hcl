mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }

variable "ring" {
  type    = number
  default = 2
  validation {
    condition     = var.ring > 1
    error_message = "too small"
  }
}
locals {
  ring = [server.u1]
  all  = local.ring
}
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
}
