mdb {
  namespace        = "shop" # stamped into every database
  required_version = ">= 0.1"
}

server_defaults {
  user     = "shop_rw"
  password = env("SHOP_DB_PASSWORD")
  params   = { timeout = "2s", readTimeout = "30s", writeTimeout = "30s", tls = "true" }

  pool {
    max_open = var.max_open
  }

  admin { # used by mdbctl; services need no CREATE privilege
    user     = "shop_admin"
    password = env("SHOP_ADMIN_PASSWORD")
  }
}

server "c1" {
  address = "c1.db.shop.example:3306"
  zone    = "chi"
}

server "c2" {
  address = "c2.db.shop.example:3306"
  zone    = "nyc"
}

server "u1" {
  address = "u1.db.shop.example:3306"
  zone    = "chi"

  replica "u1b" {
    address = "u1b.db.shop.example:3306"
    zone    = "nyc"
  }
}

server "u2" {
  address = "u2.db.shop.example:3306"
  zone    = "nyc"
}

server "u3" {
  address = "u3.db.shop.example:3306"
  zone    = "chi"
}

server "u4" {
  address = "u4.db.shop.example:3306"
  zone    = "nyc"
}

# Everything on one server, for development: --profile laptop
profile "laptop" {
  collapse_to = server.local
}

server "local" {
  dsn = env("MDB_LOCAL_DSN", "root@tcp(127.0.0.1:3306)/?timeout=2s&readTimeout=30s&writeTimeout=30s")
}
