mdb {
  namespace = "acme"
}
variable "prefix" {
  type = string
}
server "u1" { dsn = env("MDB_U1_DSN") }
area "user" {
  database = "${var.prefix}${shard.index}${env("MDB_SUFFIX")}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
