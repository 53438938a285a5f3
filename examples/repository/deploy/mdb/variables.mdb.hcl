variable "max_open" {
  type        = number
  default     = 16
  description = "the most connections of a process to each shard"

  validation {
    condition     = var.max_open >= 4 && var.max_open <= 64
    error_message = "max_open must be 4 to 64: below, requests queue up; above, the servers run out of connections"
  }
}
