rule "MDB313" { severity = "off" }
