mdb {
  namespace = "rules"
}
server_defaults {
  params = {
    timeout         = "1s"
    multiStatements = true
    autocommit      = 0
  }
}
server "u1" {
  address = "u1.db"
  params  = { allowAllFiles = true, allowCleartextPasswords = "true" }
}
server "u2" { dsn = "x@tcp(u2.db)/?rejectReadOnly=true" }
server "u3" { dsn = "x@tcp(u3.db)/?multiStatements=false" }
