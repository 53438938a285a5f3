mdb {
  namespace = "rules"
}
variable "pw" {
  default   = "hunter2"
  sensitive = true
}
locals {
  word = "hunter2"
}
server_defaults {
  password = var.pw
  admin {
    user     = "a"
    password = "hunter2"
  }
}
server "u1" {
  address  = "u1.db"
  password = "hunter2"
}
server "u2" { dsn = "root:hunter2@tcp(u2.db:3306)/" }
server "u3" {
  address  = "u3.db"
  password = local.word
}
server "u4" { dsn = "root:hunter2@tcp(${env("HOST")}:3306)/" }
server "u5" { dsn = env("UNSET_DSN", "root:hunter2@tcp(u5.db)/") }
