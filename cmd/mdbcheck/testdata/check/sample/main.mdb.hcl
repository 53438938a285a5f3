mdb {
  namespace        = "acme_prod"      # stamped into every database; a file of another namespace cannot touch it
  required_version = ">= 0.1"
  hash             = "jump1"          # shard function of partitions that name none: jump1 (default) | mod1 | azos1
}
variable "db_password" {
  type      = string
  sensitive = true                    # MDB_VAR_db_password, Options.Vars, --var, --var-file
}
locals {
  ring = [server.u1, server.u2, server.u3]
}
server_defaults {
  user     = "mdb_rw"
  password = var.db_password
  params   = { timeout = "2s", readTimeout = "30s", writeTimeout = "30s" }
  pool { max_open = 64 }              # per server endpoint, shared by its shards
  admin {                             # used by mdbctl only; services need no CREATE privilege
    user     = "mdb_admin"
    password = env("MDB_ADMIN_PASSWORD")
  }
}
server "c1" { address = "c1.db.acme.internal:3306" }
server "c2" { address = "c2.db.acme.internal:3306" }
server "u1" {
  address = "u1.db.acme.internal:3306"
  replica "b" { address = "u1b.db.acme.internal:3306" }
}
server "u2" { address = "u2.db.acme.internal:3306" }
server "u3" { dsn = env("MDB_U3_DSN") } # a whole go-sql-driver DSN; defaults' params fill its gaps, user and password do not apply

authority "chi" {
  number = 0
  store  = database(server.c1, "mdb_ids")
}
authority "nyc" {
  number = 1
  store  = database(server.c2, "mdb_ids") # or files = ["ids/a", "ids/b"] for development and single nodes
}
sequence "order" { block = 1000 }     # ids of child rows; each area also has a sequence of its own name

central {
  database = "central_${shard.index}"
  shards   = [for i in range(64) : server["c${i % 2 + 1}"]] # fixed for good: many logical shards on few servers
  index "email" {
    briefcase = briefcase.customer    # whose GDID it gives
    type      = "string"              # string (default) | bytes | int64 | uint64 | uuid | gdid
    normalize = ["trim", "nfkc", "fold"]
    max_bytes = 320
  }
  index "phone" {
    briefcase = briefcase.customer
    unique    = false                 # several customers may share one
    normalize = ["trim", "fold"]
    max_bytes = 32
  }
  cache {
    max_entries  = 1000000
    ttl          = "10m"
    negative_ttl = "2s"
  }
}
area "user" {
  database = "user_${partition.name}_${shard.index}"
  schema   = "schema/user"            # *.sql in name order, applied to each new shard by mdbctl provision
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]   # list position = shard index; the count is fixed for good
  }
  partition "p1" {
    start  = "0:250_000"
    shards = local.ring
    hash   = "jump1"
  }
  breakpoint "y2027" {                # from here on the range table starts over
    at = "0:8_000_000_000"
    partition "r0" {
      offset = "0:0"                  # counts from `at`: range key 0:8000000000
      shards = local.ring
    }
    partition "r1" {
      offset = "0:500_000"            # 0:8000500000
      shards = [for i in range(60) : server["u${i % 3 + 1}"]]
    }
  }
}
briefcase "customer" {
  area = area.user
  key  = "g_user"                     # the BINARY(12) column in every table below, first in its primary key
  table "tbl_user" {                  # exactly one root table
    table "tbl_address" {}
    table "tbl_order" {
      table "tbl_order_line" {}
    }
  }
}
profile "solo" {                      # poor man's mode: same areas, ranges, counts and database names on one server; id stores too
  collapse_to = server.local
}
server "local" { dsn = env("MDB_LOCAL_DSN", "root@tcp(127.0.0.1:3306)/") }
