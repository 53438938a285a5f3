mdb {
  namespace = "rules"
}
server "u1" { dsn = "user@tcp(u1.db)/" }
server "u2" { address = "[::1]:3306" }
server "u3" { address = "/run/mysqld.sock" }
