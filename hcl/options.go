package hcl

import "io/fs"

// Options tune [Load] and [Check]. The zero value is ready to use.
type Options struct {
	// Profile names the profile to apply. Default: none.
	Profile string
	// Vars sets variables by name; they win over VarFiles, and those over
	// MDB_VAR_name in the environment. The text is taken as it stands by
	// variables of type string, number and bool; for others it is an HCL value.
	Vars map[string]string
	// VarFiles are files of "name = value" lines, or JSON objects when the name
	// ends in .json. Later ones win. They are read where the configuration is.
	VarFiles []string
	// FS is where everything is read, with its slash-separated paths. Default:
	// the machine's files.
	FS fs.FS
	// Getenv gives a variable of the environment and whether it is set. Default:
	// os.LookupEnv.
	Getenv func(name string) (string, bool)
	// Version is what required_version is held against, usually the constant
	// [Version]. Empty admits every version.
	Version string
	// Overlay has the text of files that stand in for those of the same path, or
	// beside them: what an editor has not saved, or standard input.
	Overlay map[string][]byte
	// Lock says whether mdb.lock.json beside the configuration must agree with it.
	// Default: no lock is read.
	Lock LockDemand
	// Lint asks [Check] to apply the rules that are not about whether the
	// configuration opens. Default: none of them. [Load] does not look at it.
	Lint *Lint
}
