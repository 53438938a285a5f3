mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { address = "u2.db" }

server "c1" { address = "c1.db" }
variable "ids" { type = string }
authority "a" {
  number = 0
  store  = database(server[var.ids], "mdb_ids")
}
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
}
