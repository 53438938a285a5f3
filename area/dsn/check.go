package dsn

import (
	"maps"
	"slices"
	"strings"
)

// A FaultKind is what is wrong with a parameter.
type FaultKind uint8

// The kinds of fault.
const (
	// BadValue: the driver does not take the name or the value.
	BadValue FaultKind = iota + 1
	// Unsafe: the parameter breaks the guard, the fence or the retry rules.
	Unsafe
	// Misspelt: almost the name of a driver parameter; it would be sent to the
	// server as a session variable.
	Misspelt
	// Misplaced: the user, the password, the address or the database, which are
	// parts of a DSN of their own; it would be sent to the server as a session
	// variable.
	Misplaced
	// NoTimeout: none of timeout, readTimeout and writeTimeout is there.
	NoTimeout
	// NoTLS: the connection is not encrypted for certain.
	NoTLS
	// SkipVerify: encrypted, but to whoever answers, and not on this machine.
	SkipVerify
)

// A ParamFault is one thing wrong with the parameters of a server.
type ParamFault struct {
	Kind    FaultKind
	Param   string // empty for what is missing, and for a name that is not plain
	Reason  string // never shows a value
	Suggest string // the parameter that may be meant; of Misplaced: "user", "password", "address" or "database"
}

// CheckParams checks each parameter for itself: its value, whether it is safe,
// whether it is misspelt. allowCleartextPasswords is safe with tls in the same
// map. The faults are sorted by name.
func CheckParams(params map[string]string) []ParamFault {
	var faults []ParamFault
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if f, bad := checkParam(name, params); bad {
			faults = append(faults, f)
		}
	}
	return faults
}

func checkParam(name string, params map[string]string) (ParamFault, bool) {
	value := params[name]
	if reason := unsafeReason(name, value, params["tls"]); reason != "" {
		return ParamFault{Kind: Unsafe, Param: name, Reason: reason}, true
	}
	if part := partOf(name); part != "" {
		return ParamFault{Kind: Misplaced, Param: name, Reason: "the " + part + " is not a parameter, and would be sent to the server as a session variable", Suggest: part}, true
	}
	if plainName(name) {
		if near := misspelt(name); near != "" {
			return ParamFault{Kind: Misspelt, Param: name, Reason: "no parameter of the driver, and it is near one", Suggest: near}, true
		}
	}
	if err := checkValue(name, value); err != nil {
		f := ParamFault{Kind: BadValue, Param: name, Reason: err.Reason}
		if !plainName(name) {
			f.Param = ""
		}
		return f, true
	}
	return ParamFault{}, false
}

// Check checks a whole DSN, after its gaps were filled: each parameter as
// [CheckParams] does, then timeouts and TLS.
func (d DSN) Check() []ParamFault {
	if d.p == nil {
		return nil
	}
	faults := CheckParams((*d.p).params)
	given := func(name string) bool { _, ok := (*d.p).params[name]; return ok }
	if !given("timeout") && !given("readTimeout") && !given("writeTimeout") {
		faults = append(faults, ParamFault{Kind: NoTimeout, Reason: "none of timeout, readTimeout and writeTimeout is set: a dead server blocks for long"})
	}
	switch mode := tlsMode((*d.p).params["tls"]); {
	case mode == tlsNone:
		faults = append(faults, ParamFault{Kind: NoTLS, Reason: "the connection is not encrypted"})
	case mode == tlsUnverified && !d.Loopback():
		faults = append(faults, ParamFault{Kind: SkipVerify, Param: "tls", Reason: "tls=skip-verify trusts whoever answers at the address"})
	}
	return faults
}

type tlsKind uint8

const (
	tlsNone tlsKind = iota
	tlsUnverified
	tlsVerified
)

// tlsMode reads the tls parameter. "preferred" falls back to plain text when the
// other side asks for it, so it protects from nobody.
func tlsMode(value string) tlsKind {
	if on, ok := boolOf(value); ok {
		if on {
			return tlsVerified
		}
		return tlsNone
	}
	switch strings.ToLower(value) {
	case "", "preferred":
		return tlsNone
	case "skip-verify":
		return tlsUnverified
	}
	return tlsVerified
}

// unsafeReason says why a parameter must not be set to value, or "".
func unsafeReason(name, value, tls string) string {
	on, isBool := boolOf(value)
	switch name {
	case "allowAllFiles":
		return reasonIf(on || !isBool, "any server could read this machine's files")
	case "multiStatements":
		return reasonIf(on || !isBool, "a second statement in one text could end the transaction and drop its fence")
	case "rejectReadOnly":
		return reasonIf(on || !isBool, "a write that a server refused would be sent again by itself")
	case "allowCleartextPasswords":
		return reasonIf((on || !isBool) && tlsMode(tls) == tlsNone, "the password would travel unencrypted; set tls too")
	}
	switch sessionName(name) {
	case "autocommit":
		return reasonIf(!strings.EqualFold(value, "on") && !on, "statements outside a transaction would stay uncommitted")
	case "completion_type":
		return reasonIf(value != "0" && !strings.EqualFold(strings.Trim(value, `'"`), "no_chain"), "a commit would begin a transaction without a fence")
	case "transaction_read_only", "tx_read_only":
		return "the pool itself sets whether a session may write"
	}
	return ""
}

func reasonIf(is bool, reason string) string {
	if is {
		return reason
	}
	return ""
}

// sessionName takes the scope off a session variable: @@SESSION.autocommit.
func sessionName(name string) string {
	name = strings.ToLower(strings.TrimPrefix(name, "@@"))
	for _, scope := range []string{"session.", "local."} {
		name = strings.TrimPrefix(name, scope)
	}
	return name
}

// partOf gives the part of a DSN that a parameter's name stands for, or "".
func partOf(name string) string {
	switch strings.ReplaceAll(sessionName(name), "_", "") {
	case "user", "username", "usr":
		return "user"
	case "password", "passwd", "passphrase", "pass", "pwd", "pw":
		return "password"
	case "address", "addr", "host", "port", "socket", "unixsocket", "net", "network", "protocol", "dsn":
		return "address"
	case "database", "dbname", "db":
		return "database"
	}
	return ""
}

// misspelt gives the driver parameter that name may be meant to be, or "".
func misspelt(name string) string {
	if _, known := driverParams[name]; known || strings.EqualFold(name, "max_allowed_packet") {
		return ""
	}
	folded := strings.ToLower(strings.ReplaceAll(name, "_", ""))
	best, bestDistance := "", 3
	for _, known := range slices.Sorted(maps.Keys(driverParams)) {
		d := distance(folded, strings.ToLower(known))
		allowed := 2
		switch {
		case len(known) <= 4:
			allowed = 0 // "tls", "loc": any short word is near
		case strings.Contains(name, "_"):
			allowed = 0 // session variables have underscores, parameters have none
		}
		if d <= allowed && d < bestDistance {
			best, bestDistance = known, d
		}
	}
	return best
}

// distance is the number of single-byte edits between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
