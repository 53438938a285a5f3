# Where everything lives. Change something, check it with
#   go run ./cmd/mdbcheck check examples/quickstart
# and run the quickstart again.

mdb {
  namespace = "quickstart" # stamped into every database
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
server "s4" { dsn = var.dsns[3] }

# New ids come from two authorities, so that one may be down. The number is part of
# every id: 0:1:17 is the first one's.
authority "first" {
  number = 1
  store  = database(server.s1, "quickstart_ids")
}

authority "second" {
  number = 2
  store  = database(server.s2, "quickstart_ids")
}

# Users and their orders. The range table says which ids live in which partition,
# a hash of the id which shard of the partition.
area "user" {
  database = "quickstart_user_${partition.name}_${shard.index}"
  schema   = "schema" # the SQL files for each new shard

  # The beginning: two small servers.
  partition "p0" {
    start  = "0:0"
    shards = [server.s1, server.s2]
  }

  # Growth: from this id on there are four. Nothing that was written before moved.
  partition "p1" {
    start  = "0:1_000"
    shards = [server.s1, server.s2, server.s3, server.s4]
  }

  # From here on the range table starts over: offsets count from `at`.
  breakpoint "next" {
    at = "0:1_000_000"

    partition "r0" {
      offset = "0:0"
      shards = [server.s3, server.s4, server.s3, server.s4, server.s1, server.s2]
    }
  }
}

# All rows of one user, in all these tables, are one briefcase: they live in one
# shard, so joins and transactions stay on one server.
briefcase "customer" {
  area = area.user
  key  = "g_user" # the column with the id, first in every primary key

  table "tbl_user" {
    table "tbl_order" {}
  }
}

# Poor man's mode: the same areas, partitions and shards, all on one server.
profile "solo" {
  collapse_to = server.s1
}
