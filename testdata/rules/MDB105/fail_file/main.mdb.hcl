mdb {
  namespace = "rules"
}
locals {
  name = "local.txt"
}
server_defaults {
  password = file("pw.txt")
}
server "u1" {
  address  = "u1.db"
  password = file(env("HUNTER2_FILE"))
  zone     = file(local.name)
}
server "u2" {
  address  = "u2.db"
  password = trimspace(file("schema"))
}
