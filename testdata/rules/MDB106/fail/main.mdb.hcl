mdb {
  namespace        = "rules"
  required_version = ">= 2"
  later_argument   = true
}
later_block {}
