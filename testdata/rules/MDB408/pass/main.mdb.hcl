mdb {
  namespace = "rules"
}
server_defaults {
  params = { readTimeout = "1s", sql_mode = "'ANSI'", innodb_lock_wait_timeout = 5 }
}
server "u1" { address = "u1.db" }
