server "u1" { address = "a:1" password = "hunter2" }
server "u2" {
  password = "hunter2
}
