package live

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// readVariables reads the settings of the session, and applies the rules that look
// at one server's.
func (s *server) readVariables(ctx context.Context) error {
	var err error
	if s.vars, err = variablesOf(ctx, s.conn); err != nil {
		return err
	}
	if err := s.readDefaults(ctx); err != nil {
		return err
	}
	s.readOnly()
	s.version()
	s.strict()
	s.session()
	s.overcommit()
	return nil
}

// readDefaults reads settings that the session has set for itself, as other sessions
// get them.
func (s *server) readDefaults(ctx context.Context) error {
	return s.query(ctx, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('tx_read_only', 'transaction_read_only')", func(rows *sql.Rows) error {
		var name, value string
		err := rows.Scan(&name, &value)
		s.vars[strings.ToLower(name)] = value
		return err
	})
}

// readOnly applies MDB804.
func (s *server) readOnly() {
	for _, name := range []string{"super_read_only", "read_only", "transaction_read_only", "tx_read_only"} {
		if s.used() && isOn(s.vars[name]) {
			s.find("MDB804", s.address(), finding{
				summary: s.name + " takes no writes", detail: fmt.Sprintf("@@%s = %s", name, s.vars[name]),
				help: "point its address to the primary, or promote it and switch " + name + " off",
			})
			return
		}
	}
}

// The oldest servers that mdb works with.
const (
	oldestMySQL   = "8.0"
	oldestMariaDB = "10.11"
)

// version applies the first rule MDB820.
func (s *server) version() { s.run.version(s.name, s.address(), s.vars) }

func (r *run) version(label, address string, variables map[string]string) {
	name, oldest := "MySQL", oldestMySQL
	if isMariaDB(variables) {
		name, oldest = "MariaDB", oldestMariaDB
	}
	if older(variables["version"], oldest) {
		r.find("too-old", address, finding{
			summary: fmt.Sprintf("%s runs %s %s", label, name, leadingVersion.FindString(variables["version"])),
			detail:  fmt.Sprintf("mdb needs %s %s or later", name, oldest),
			help:    "upgrade the server",
		})
	}
}

// engines applies the second rule MDB820, to the tables of briefcases.
func (s *server) engines() {
	for i := range s.shards {
		shard := &s.shards[i]
		kept := s.tables[s.stored(shard.Database)]
		for _, name := range s.run.tablesOf(shard.Area) {
			t, ok := tableNamed(kept, name, s.foldsNames())
			if !ok || !t.isTable() || t.engine == "" || strings.EqualFold(t.engine, "InnoDB") {
				continue
			}
			s.find("wrong-engine", partitionAddress(shard), finding{
				summary: fmt.Sprintf("%s/%s.%s is kept by %s", s.name, shard.Database, name, t.engine),
				detail:  "its writes are in no transaction and held by no fence", help: "ALTER TABLE " + name + " ENGINE=InnoDB",
			})
		}
	}
}

var leadingVersion = regexp.MustCompile(`^\d+(\.\d+)*`)

// older reports whether a version is lower than another. What has no number is not.
func older(version, than string) bool {
	got := leadingVersion.FindString(version)
	if got == "" {
		return false
	}
	return slices.Compare(numbers(got), numbers(than)) < 0
}

func numbers(version string) []int {
	var list []int
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part) // digits: only their number can be too large
		list = append(list, n)
	}
	return list
}

// strict applies the part of MDB819 about a mode that cuts values.
func (s *server) strict() {
	mode := strings.ToUpper(s.vars["sql_mode"])
	if strings.Contains(mode, "STRICT_TRANS_TABLES") || strings.Contains(mode, "STRICT_ALL_TABLES") {
		return
	}
	s.find("MDB819", s.address(), finding{
		summary: "sql_mode of " + s.name + " is not strict", detail: "values that do not fit are cut or become zero instead of failing",
		help: "add STRICT_TRANS_TABLES to sql_mode in its option file, or sql_mode to params",
	})
}

// session applies the part of MDB819 about what every session of mdb relies on.
func (s *server) session() {
	for _, setting := range []struct{ name, want, number string }{{"autocommit", "ON", "1"}, {"completion_type", "NO_CHAIN", "0"}} {
		got := s.vars[setting.name]
		if got == "" || strings.EqualFold(got, setting.want) || got == setting.number {
			continue
		}
		s.unusable = setting.name
		s.find("MDB819", s.address(), finding{
			summary: fmt.Sprintf("%s of %s is %s", setting.name, s.name, got),
			detail:  fmt.Sprintf("services need %s and refuse the server", setting.want),
			help:    fmt.Sprintf("set %s = %s in its option file", setting.name, setting.want),
		})
	}
}

// The pools of a process, where the configuration sets no bound; see package pool.
const (
	defaultMaxOpen      = 32
	defaultAdminMaxOpen = 8
)

// overcommit applies MDB821: each shard of a process has a pool of its own.
func (s *server) overcommit() {
	most, err := strconv.Atoi(s.vars["max_connections"])
	instances := s.run.opts.Instances
	if err != nil || instances == 0 {
		return
	}
	pools := len(s.shards) + len(s.central) + len(s.stores)
	open := cmp.Or(s.spec.Primary.MaxOpen, defaultMaxOpen)
	admin := cmp.Or(s.spec.Admin.MaxOpen, defaultAdminMaxOpen)
	wanted := open*pools*instances + admin
	if wanted <= most {
		return
	}
	help := "spread the shards over more servers, or raise max_connections"
	if fits := most / (pools*instances + 1); fits > 0 { // the admin's pool has the same bound
		help = fmt.Sprintf("lower max_open to %d, %s to %d", fits, help, wanted)
	}
	s.find("MDB821", s.address()+".pool", finding{
		summary: fmt.Sprintf("%s takes %d connections, and its clients may open %d", s.name, most, wanted),
		detail:  fmt.Sprintf("max_open %d x %d databases x %d processes, and %d for the admin", open, pools, instances, admin),
		help:    help,
	})
}

// alike are the settings that must be the same on all servers.
var alike = []string{"sql_mode", "lower_case_table_names", "time_zone", "character_set_server", "collation_server", "max_allowed_packet", "innodb_page_size"}

// compareSettings applies the part of MDB819 about differences.
func (r *run) compareSettings(all []*server) {
	for _, s := range all {
		s.engines()
	}
	for _, name := range alike {
		var values []string
		holders := map[string][]*server{}
		for _, s := range all {
			v, ok := s.setting(name)
			if !ok || !s.used() {
				continue
			}
			if holders[v] == nil {
				values = append(values, v)
			}
			holders[v] = append(holders[v], s)
		}
		if len(values) < 2 {
			continue
		}
		slices.SortStableFunc(values, func(a, b string) int { return len(holders[b]) - len(holders[a]) })
		r.settingDiffers(name, values, holders)
	}
}

// settingDiffers reports a setting at the first server that has not the most
// frequent value.
func (r *run) settingDiffers(name string, values []string, holders map[string][]*server) {
	var lines []string
	var others []related
	odd := holders[values[1]][0]
	for i, v := range values {
		lines = append(lines, fmt.Sprintf("%s on %s", cmp.Or(v, `""`), labels(holders[v])))
		for _, s := range holders[v] {
			if i > 0 && s != odd {
				others = append(others, related{s.address(), fmt.Sprintf("%s has %s", s.name, cmp.Or(v, `""`))})
			}
		}
	}
	r.find("MDB819", odd.address(), finding{
		summary: name + " differs among servers", detail: strings.Join(lines, "; "),
		help: "give all servers the same in their option files", related: others,
	})
}

// setting gives a setting in the form in which servers are compared.
func (s *server) setting(name string) (string, bool) {
	v, ok := s.vars[name]
	switch name {
	case "sql_mode":
		modes := strings.Split(v, ",")
		slices.Sort(modes)
		v = strings.Join(modes, ",")
	case "time_zone":
		if v == "SYSTEM" {
			v = s.vars["system_time_zone"]
		}
	}
	return v, ok
}

// maxNamed is how many servers or databases a sentence names.
const maxNamed = 5

func labels(list []*server) string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.name
	}
	return listed(names)
}

// listed gives names in a sentence, the first of many.
func listed(names []string) string {
	if len(names) <= maxNamed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNamed], ", "), len(names)-maxNamed)
}
