# One area for each edit of ranges.
mdb {
  namespace = "acme"
}
server "u1" { address = "u1:3306" }
server "u2" { address = "u2:3306" }
server "u3" { address = "u3:3306" }
area "removed" {
  database = "removed_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
  partition "p1" {
    start  = "0:1000"
    shards = [server.u2]
  }
}
area "moved" {
  database = "moved_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
  partition "p1" {
    start  = "0:1000"
    shards = [server.u2]
  }
}
area "inserted" {
  database = "inserted_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
  partition "p1" {
    start  = "0:1000"
    shards = [server.u2]
  }
}
area "breakpoints" {
  database = "breakpoints_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
  breakpoint "shifted" {
    at = "0:1000"
    partition "s0" {
      offset = "0:0"
      shards = [server.u2]
    }
  }
  breakpoint "kept" {
    at = "0:2000"
    partition "k0" {
      offset = "0:0"
      shards = [server.u3]
    }
  }
  breakpoint "dropped" {
    at = "0:3000"
    partition "d0" {
      offset = "0:0"
      shards = [server.u1]
    }
  }
}
area "hashes" {
  database = "hashes_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    hash   = "mod1"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:1000"
    hash   = "mod1"
    shards = [server.u1]
  }
}
area "labels" {
  database = "labels_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:1000"
    shards = [database(server.u1, "one"), database(server.u2, "two")]
  }
}
area "places" {
  database = "places_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:1000"
    shards = [server.u1, server.u2]
  }
}
area "names" {
  database = "names_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:1000"
    shards = [server.u1, server.u2]
  }
}
area "gone" {
  database = "gone_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
area "called" {
  database = "called_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u3, server.u2]
  }
}
