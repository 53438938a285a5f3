package servers

import (
	"context"
	"errors"
	"io/fs"

	"github.com/mdbrouter/mdb"
)

// Open starts n servers of an engine, creates on them what the configuration in
// files declares, and gives a router for it. closeAll closes the router and stops the
// servers.
func Open(ctx context.Context, engine string, n int, files fs.FS) (router *mdb.Router, closeAll func() error, err error) {
	set, err := Start(ctx, engine, n)
	if err != nil {
		return nil, nil, err
	}
	vars, err := set.Vars()
	if err != nil {
		return nil, nil, errors.Join(err, set.Close())
	}
	opts := mdb.Options{FS: files, Vars: vars}
	if err := mdb.Provision(ctx, ".", opts); err != nil {
		return nil, nil, errors.Join(err, set.Close())
	}
	router, err = mdb.Open(ctx, ".", opts)
	if err != nil {
		return nil, nil, errors.Join(err, set.Close())
	}
	return router, func() error { return errors.Join(router.Close(), set.Close()) }, nil
}
