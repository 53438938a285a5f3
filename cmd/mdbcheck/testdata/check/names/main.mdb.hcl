mdb {
  namespace = "acme"
  nmespace  = "acme"
}
servr "u1" {
  address = "u1:3306"
}
server "u2" {
  adress = "u2:3306"
}
server "U-3" {
  address = "u3:3306"
}
server "u2" {
  address = "u2:3306"
}
