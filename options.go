package mdb

import (
	"database/sql/driver"
	"io/fs"
	"log/slog"

	"github.com/mdbrouter/mdb/hcl"
)

// Options tune [Open] and [Provision]. The zero value is ready to use.
type Options struct {
	// Profile names the profile to apply. Default: none.
	Profile string
	// Vars sets variables of the configuration by name; they win over VarFiles,
	// and those over MDB_VAR_name in the environment.
	Vars map[string]string
	// VarFiles are files of variables, HCL or JSON; later ones win.
	VarFiles []string
	// FS is where the configuration is read, for example an embed.FS. Default:
	// the machine's files.
	FS fs.FS
	// Logger gets what goes on in the background. Default: nothing is logged.
	Logger *slog.Logger
	// Observer is told what happens inside calls.
	Observer Observer
	// Connector may wrap or replace how connections to a database are opened,
	// below the checks of identity and the guard. c is nil where the
	// configuration leaves the DSN unknown; a nil answer makes the database
	// unavailable. It is called once per database, from any goroutine.
	Connector func(d Dial, c driver.Connector) driver.Connector
}

// An Observer is told what happens inside calls. Its functions must not block;
// nil ones are not called.
type Observer struct {
	// Retry is called before InTx or ExecContext runs a transaction again.
	Retry func(Retry)
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func (o Options) load() hcl.Options {
	return hcl.Options{Profile: o.Profile, Vars: o.Vars, VarFiles: o.VarFiles, FS: o.FS, Version: Version}
}
