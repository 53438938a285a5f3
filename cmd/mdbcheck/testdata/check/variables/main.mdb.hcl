mdb {
  namespace = "acme"
}
variable "suffix" {
  type = string
  validation {
    condition     = contains(["a", "b", "c", "p"], var.suffix)
    error_message = "suffix is a, b, c or p"
  }
}
variable "shards" {
  type    = number
  default = 2
}
server "u1" { address = "u1:3306" }
area "user" {
  database = "user_${shard.index}_${var.suffix}"
  partition "p0" {
    start  = "0:0"
    shards = [for i in range(var.shards) : server.u1]
  }
}
profile "solo" {
  collapse_to = server.u1
}
