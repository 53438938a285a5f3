mdb { namespace = "acme"
area "user" {
