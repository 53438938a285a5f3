# What this team holds against the rules; mdbcheck rules lists them.
rule "MDB315" {
  severity = "off"
  reason   = "the first era lasts for centuries"
}

rule "MDB317" {
  severity = "off"
  reason   = "databases are named after their partition; nobody renames partitions"
}

rule "MDB405" {
  severity = "error"
  reason   = "each server here has an address of its own"
}
