mdb {
  namespace = "rules"
}
variable "stage" {
  default = "x"
  validation {
    condition     = contains(["test", "prod"], var.stage)
    error_message = "stage is test or prod"
  }
}
variable "count" {
  type = number
  validation {
    condition     = var.count > 2
    error_message = "count of ${var.stage} is above 2"
  }
}
variable "word" {
  sensitive = true
  validation {
    condition     = length(split("", var.word)) > 100
    error_message = "not ${var.word}"
  }
}
