// Sqlc runs queries that sqlc generated on a briefcase: the handle is the DBTX they
// ask for, and so is the *sql.Tx of its transactions.
//
//	go run ./examples/sqlc
//	go run ./examples/sqlc -engine real
package main

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"

	"github.com/mdbrouter/mdb/examples/internal/servers"
	"github.com/mdbrouter/mdb/examples/sqlc/shop"
)

//go:embed topology.mdb.hcl schema
var topology embed.FS

func main() {
	engine := flag.String("engine", servers.Embedded, "embedded or real")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *engine, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sqlc:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, engine string, out io.Writer) (err error) {
	router, closeAll, err := servers.Open(ctx, engine, 2, topology)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()

	ann, err := router.Briefcase("user", gdid.MustParse("0:0:7"))
	if err != nil {
		return err
	}
	if err := register(ctx, ann, "Ann"); err != nil {
		return err
	}
	if err := show(ctx, ann, out); err != nil {
		return err
	}

	err = buyTwice(ctx, ann)
	fmt.Fprintln(out, "refused:", err)
	fmt.Fprintln(out, "so nothing of it is left:")
	return show(ctx, ann, out)
}

// register writes a user and a first order, in one transaction on one server.
func register(ctx context.Context, user *mdb.Briefcase, name string) error {
	return user.InTx(ctx, nil, func(tx *sql.Tx) error {
		queries := shop.New(tx)
		if err := queries.AddUser(ctx, shop.AddUserParams{GUser: user.ID(), Name: name}); err != nil {
			return err
		}
		_, err := queries.AddOrder(ctx, shop.AddOrderParams{GUser: user.ID(), Number: 1, Item: "tea", Cents: 350})
		return err
	})
}

// buyTwice fails at its second statement, because order 1 exists.
func buyTwice(ctx context.Context, user *mdb.Briefcase) error {
	return user.InTx(ctx, nil, func(tx *sql.Tx) error {
		queries := shop.New(tx)
		for _, number := range []uint32{2, 1} {
			order := shop.AddOrderParams{GUser: user.ID(), Number: number, Item: "cup", Cents: 900}
			if _, err := queries.AddOrder(ctx, order); err != nil {
				return fmt.Errorf("order %d: %w", number, err)
			}
		}
		return nil
	})
}

// show reads outside a transaction: the generated code takes the briefcase itself.
func show(ctx context.Context, user *mdb.Briefcase, out io.Writer) error {
	queries := shop.New(user)
	total, err := queries.UserWithTotal(ctx, user.ID())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s, on %s: %d order, %d cents\n", total.Name, user.Route().Server, total.Orders, total.Cents)
	orders, err := queries.ListOrders(ctx, user.ID())
	if err != nil {
		return err
	}
	for _, o := range orders {
		fmt.Fprintf(out, "  %d %s\n", o.Number, o.Item)
	}
	return nil
}
