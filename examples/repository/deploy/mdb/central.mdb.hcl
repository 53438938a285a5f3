authority "chi" {
  number = 0
  store  = database(server.c1, "shop_ids")
}

authority "nyc" {
  number = 1
  store  = database(server.c2, "shop_ids")
}

# Leads from what people type to the id of a customer or product.
central {
  database = "shop_central_${shard.index}"
  shards   = [for i in range(16) : server["c${i % 2 + 1}"]] # fixed for good

  index "email" {
    briefcase = briefcase.customer
    normalize = ["trim", "email"]
    max_bytes = 320
  }

  index "sku" {
    briefcase = briefcase.product
    normalize = ["trim", "lower"]
    max_bytes = 64
  }
}
