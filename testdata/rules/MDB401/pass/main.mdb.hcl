mdb {
  namespace = "rules"
}
variable "pw" { sensitive = true }
server "u1" {
  address  = "u1.db"
  password = env("PW")
}
server "u2" {
  address  = "u2.db"
  password = var.pw
}
server "u3" { dsn = "root:${var.pw}@tcp(u3.db)/" }
server "u4" { dsn = env("UNSET_DSN", "root@tcp(127.0.0.1)/") }
