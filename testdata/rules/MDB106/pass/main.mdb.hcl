mdb {
  namespace        = "rules"
  required_version = ">= 1.2, < 2, != 1.3.7"
}
