mdb {
  namespace = "rules"
}
variable "pw" {
  default = "hunter2"
}
locals {
  pw  = "${var.pw}"
  dsn = "root:hunter2@tcp(u3.db)/"
}
server "u1" {
  address  = "u1.db"
  password = var.pw
}
server "u2" {
  address  = "u2.db"
  password = local.pw
}
server "u3" { dsn = local.dsn }
