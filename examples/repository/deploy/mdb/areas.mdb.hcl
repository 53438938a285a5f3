# Customers and all that is theirs. All ids of the first table were issued by the
# spring of 2026; the second table has newer servers.
area "user" {
  database = "user_${partition.name}_${shard.index}"
  schema   = "schema/user"

  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:1_000_000"
    shards = [server.u1, server.u2, server.u3]
  }

  breakpoint "y2026" {
    at = "0:2_000_000"

    partition "r0" {
      offset = "0:0"
      shards = [server.u3, server.u4]
    }
  }
}

# What is for sale.
area "product" {
  database = "product_${shard.index}"
  schema   = "schema/product"

  partition "p0" {
    start  = "0:0"
    shards = [server.u2, server.u3]
  }
}

briefcase "customer" {
  area = area.user
  key  = "g_user"

  table "tbl_user" {
    table "tbl_order" {
      table "tbl_order_line" {}
    }
    table "tbl_address" {}
  }
}

briefcase "product" {
  area = area.product
  key  = "g_product"

  table "tbl_product" {}
}
