mdb {
  namespace = "rules"
}
server "u1" { address = "u1.db" }
server "u2" { dsn = env("RULES_DSN") }
variable "stage" { type = string }
area "user" {
  database = "user_${var.stage}_${partition.name}_${shard.index}"
  partition "p0" {
    start  = env("RULES_START")
    shards = [server.u1, server[env("RULES_SERVER")]]
  }
}
