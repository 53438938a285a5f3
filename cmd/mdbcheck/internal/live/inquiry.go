package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/provision"
)

// An inquiry is one server or replica that is to be asked.
type inquiry struct {
	label   string // "u1", "u1/b"
	address string // of the declaration
	missing string // what is not set, so that it cannot be reached
	ask     func(context.Context) error
}

// inquiries gives what is to be asked, primaries first.
func (r *run) inquiries(declared []*server) []inquiry {
	var list []inquiry
	for _, s := range declared {
		list = append(list, inquiry{label: s.name, address: s.address(), missing: missing(s.spec.Admin), ask: s.ask})
	}
	for _, x := range r.replicas {
		list = append(list, inquiry{label: x.label(), address: x.address(), missing: missing(x.spec), ask: x.ask})
	}
	return list
}

// askAll asks several at once, each within the time limit, and waits for all.
func (r *run) askAll(ctx context.Context, list []inquiry) {
	r.tell(func(p *Progress) { p.Total = len(list) })
	slots := make(chan struct{}, r.opts.Parallel)
	var running sync.WaitGroup
	for _, q := range list {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			r.tell(func(p *Progress) { p.Waiting = append(p.Waiting, q.label) })
			r.inquire(ctx, q)
			r.tell(func(p *Progress) {
				p.Done++
				p.Waiting = slices.DeleteFunc(p.Waiting, func(label string) bool { return label == q.label })
			})
		})
	}
	running.Wait()
}

// tell changes the progress and tells it.
func (r *run) tell(change func(*Progress)) {
	r.telling.Lock()
	defer r.telling.Unlock()
	change(&r.progress)
	told := r.progress
	told.Waiting = slices.Clone(told.Waiting)
	r.opts.Progress(told)
}

// inquire asks one, and says so where that fails.
func (r *run) inquire(ctx context.Context, q inquiry) {
	if q.missing != "" {
		r.unask(q.label, q.missing+" is not set: set it and run again")
		return
	}
	bounded, cancel := context.WithTimeout(ctx, r.opts.Timeout)
	defer cancel()
	err := q.ask(bounded)
	if err == nil || ctx.Err() != nil { // an interrupted check has no result
		return
	}
	reason := r.reason(err)
	r.unask(q.label, reason)
	var login *loginError
	var midway *midwayError
	var unusable *unusableError
	var unset *unsetError
	switch {
	case errors.As(err, &login):
		r.find("MDB802", q.address, finding{
			summary: fmt.Sprintf("%s refuses %s", q.label, login.who), detail: reason,
			help: "set the right password in the environment, or create the user there for this host",
		})
	case isDenied(err), errors.As(err, &unusable): // reported where it happened
	case errors.As(err, &unset): // nothing is known to be wrong with it
	case errors.As(err, &midway):
		r.find("MDB801", q.address, finding{summary: q.label + " does not answer everything", detail: reason, help: helpOf(err, midwayHelp)})
	default:
		r.find("MDB801", q.address, finding{summary: q.label + " does not answer", detail: reason, help: helpOf(err, downHelp)})
	}
}

// A midwayError is what ended the questions to a server that had answered some.
type midwayError struct{ err error }

// Error says what happened.
func (e *midwayError) Error() string { return e.err.Error() }

// Unwrap gives what happened.
func (e *midwayError) Unwrap() error { return e.err }

// An unsetError is returned for what takes a login that the environment lacks.
type unsetError struct{ what string }

// Error names what is not set.
func (e *unsetError) Error() string { return e.what + " is not set: set it and run again" }

// The next steps for servers that do not answer.
const (
	downHelp    = "see whether the server runs and its address is right, and that this machine may reach it; --timeout says how long is waited"
	midwayHelp  = "see whether it was stopped or restarted meanwhile, and with SHOW FULL PROCESSLIST what keeps it busy; --timeout says how long is waited"
	slowHelp    = "see with SHOW FULL PROCESSLIST what locks it or keeps the server busy, or give --timeout more"
	fullHelp    = "close what is connected for nothing, lower max_open in the file, or raise the limit; --instances holds the pools of services against it"
	strangeHelp = "see its mdb_shard and mdb_provision: they are of another program, or not as mdb made them; restore them, or rename what is not mdb's"
	blockedHelp = "find what fails to connect from this host, then run FLUSH HOSTS on the server"
)

// helpOf gives the next step after an error.
func helpOf(err error, otherwise string) string {
	switch n := errorNumber(err); {
	case n == 1040 || n == 1203 || n == 1226:
		return fullHelp
	case n == 1129:
		return blockedHelp
	case n != 0 && isSlow(err):
		return slowHelp
	}
	if _, ok := errors.AsType[*provision.DatabaseError](err); ok && errorNumber(err) != 0 {
		return strangeHelp
	}
	return otherwise
}

// isSlow reports whether a statement was not done within the time limit.
func isSlow(err error) bool {
	switch errorNumber(err) {
	case 1205, 1969, 3024:
		return true
	}
	return errors.Is(err, context.DeadlineExceeded)
}

// A loginError is returned when a server refuses a login.
type loginError struct {
	who string // "the admin's login"
	err error
}

// Error says who was refused.
func (e *loginError) Error() string { return e.who + ": " + e.err.Error() }

// Unwrap gives what the server said.
func (e *loginError) Unwrap() error { return e.err }

// loginFault makes an error of opening a connection a loginError if it is one.
func loginFault(who string, err error) error {
	switch errorNumber(err) {
	case 1044, 1045, 1130, 1251, 1396, 1524, 1698, 1820, 1862, 3118, 3159, 4151:
		return &loginError{who: who, err: err}
	}
	return err
}

// errorNumber gives the number of a server's error, or 0.
func errorNumber(err error) uint16 {
	if answer, ok := errors.AsType[area.ServerError](err); ok {
		return answer.Number()
	}
	return 0
}

// isDenied reports whether the login lacks a right.
func isDenied(err error) bool {
	switch errorNumber(err) {
	case 1044, 1142, 1143, 1227, 1370:
		return true
	}
	return false
}

// plainReasons are the words for errors of servers. Their own texts name users and
// hosts, which may come from the environment.
var plainReasons = map[uint16]string{
	1040: "it has no connection left (max_connections)",
	1044: "the login may not use the database",
	1045: "user or password is wrong, or the user does not exist for this host",
	1053: "it is shutting down",
	1054: "a table lacks a column",
	1129: "it has blocked this host after failed connections; FLUSH HOSTS lets it in again",
	1130: "no user may connect from this host",
	1142: "the login lacks a right on a table",
	1184: "it ends new connections: see its init_connect and its log",
	1203: "the user has no connection left (max_user_connections)",
	1205: "a table was locked for longer than the time limit",
	1226: "the user has no connection left",
	1227: "the login lacks a right",
	1317: "the statement was killed",
	1698: "user or password is wrong, or the user does not exist for this host",
	1820: "the password must be changed first",
	1862: "the password has expired",
	1927: "the connection was killed",
	1969: "a statement took longer than the time limit",
	3024: "a statement took longer than the time limit",
	3118: "the account is locked",
	3159: "it lets no user in without TLS",
	4151: "the account is locked",
}

// reason says why a server could not be asked within the time limit.
func (r *run) reason(err error) string { return reasonOf(err, r.opts.Timeout) }

// reasonOf says why something could not be asked within a time, without the texts of
// others, which may name what comes from the environment.
func reasonOf(err error, limit time.Duration) string {
	var dns *net.DNSError
	var socket syscall.Errno
	var unusable *unusableError
	var unset *unsetError
	n := errorNumber(err)
	in := ""
	if unread, ok := errors.AsType[*provision.DatabaseError](err); ok {
		in = "database " + unread.Database + ": "
	}
	switch {
	case n != 0 && plainReasons[n] != "":
		return fmt.Sprintf("%sserver error %d: %s", in, n, plainReasons[n])
	case n != 0:
		return fmt.Sprintf("%sserver error %d", in, n)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %v", limit)
	case errors.As(err, &unusable):
		return unusable.Error()
	case errors.As(err, &unset):
		return unset.Error()
	case errors.As(err, &dns):
		return "the name of its host is not known"
	case errors.As(err, &socket):
		return socket.Error()
	case errors.Is(err, area.ErrConnLost):
		return "the connection was lost"
	case errors.Is(err, area.ErrUnavailable):
		return "no connection: nothing answers there in time, or what answers is no MySQL server"
	}
	return "it cannot be asked"
}
