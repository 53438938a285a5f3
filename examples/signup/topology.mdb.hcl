# Where everything lives. Check it with
#   go run ./cmd/mdbcheck check examples/signup

mdb {
  namespace = "signup" # stamped into every database
}

variable "dsns" { # one per server; the program fills it in
  type      = list(string)
  sensitive = true
}

server_defaults {
  params = { timeout = "2s", readTimeout = "30s", writeTimeout = "30s" }
}

server "s1" { dsn = var.dsns[0] }
server "s2" { dsn = var.dsns[1] }
server "s3" { dsn = var.dsns[2] }

authority "first" {
  number = 1
  store  = database(server.s1, "signup_ids")
}

authority "second" {
  number = 2
  store  = database(server.s2, "signup_ids")
}

# CENTRAL leads from an email to the id of its user. The hash of the email says in
# which shard its key stands, so one unique index decides who has it.
central {
  database = "signup_central_${shard.index}"
  shards   = [for i in range(16) : server["s${i % 2 + 1}"]] # fixed for good

  index "email" {
    briefcase = briefcase.customer
    normalize = ["trim", "email"]
    max_bytes = 320
    proof     = "h_email" # the user's own row confirms its email
  }

  cache {
    max_entries  = 100000
    ttl          = "1m"
    negative_ttl = "2s"
  }
}

area "user" {
  database = "signup_user_${partition.name}_${shard.index}"
  schema   = "schema"

  partition "p0" {
    start  = "0:0"
    shards = [server.s2, server.s3]
  }
}

briefcase "customer" {
  area = area.user
  key  = "g_user"

  table "tbl_user" {}
}
