mdb {
  namespace = "rules"
}
server_defaults {
  params = { timeout = "1s", allowCleartextPasswords = true }
}
server "u1" {
  address = "u1.db"
  params  = { tls = "true", multiStatements = false }
}
