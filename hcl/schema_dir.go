package hcl

// schemas reports directories of *.sql files that cannot be read. Only mdbctl
// needs them, so that a service opens without them.
func (c *compiler) schemas(read *sources) {
	for _, n := range c.root.all("area") {
		v := n.arg("schema")
		if v.state != known || n.text("schema") == "" {
			continue
		}
		_, err := read.list(read.beside(n.text("schema")))
		if err == nil {
			continue
		}
		d := c.found.add(ruleNoConfig, v.at, "cannot read the schema directory %s: %s", v.shown(n.text("schema")), systemCause(err))
		d.Severity = Notice
		d.Address = n.address()
		d.Detail = "mdbctl provision would refuse the area"
		d.Help = "a relative path begins at the directory of the configuration"
	}
}
