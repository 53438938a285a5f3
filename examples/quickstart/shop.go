package main

import (
	"context"
	"database/sql"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
)

// A customer is a user with orders: one briefcase.
type customer struct {
	id     gdid.GDID
	name   string
	orders []order
}

type order struct {
	item  string
	cents int
}

// The ids are made up to reach every partition; those of new users come from the
// authorities.
var customers = []customer{
	{id: gdid.MustParse("0:0:1"), name: "Ann", orders: []order{{"tea", 350}, {"cup", 900}}},
	{id: gdid.MustParse("0:0:4"), name: "Ben", orders: []order{{"coffee", 420}}},
	{id: gdid.MustParse("0:0:999"), name: "Cleo", orders: []order{{"tea", 350}, {"sugar", 110}}},
	{id: gdid.MustParse("0:0:1000"), name: "Dan", orders: []order{{"lamp", 4900}}},
	{id: gdid.MustParse("0:1:1001"), name: "Eve", orders: []order{{"desk", 18900}, {"chair", 9900}}},
	{id: gdid.MustParse("0:0:999999"), name: "Finn", orders: []order{{"tea", 350}}},
	{id: gdid.MustParse("0:0:1000000"), name: "Gus", orders: []order{{"book", 1500}, {"pen", 250}}},
	{id: gdid.MustParse("0:0:1000001"), name: "Hana", orders: []order{{"cup", 900}}},
	{id: gdid.MustParse("0:0:1000002"), name: "Ivo", orders: []order{{"globe", 3200}}},
	{id: gdid.MustParse("3:0:7"), name: "Jo", orders: []order{{"map", 800}, {"pin", 20}}},
}

// signUp gives a new customer an id that nobody else was or will be given.
func signUp(ctx context.Context, users *mdb.Area, name string, orders ...order) (customer, error) {
	id, err := users.NewID(ctx)
	return customer{id: id, name: name, orders: orders}, err
}

// save writes the customer with its orders in one transaction on one server, and
// leaves nothing if any of it fails.
func (c customer) save(ctx context.Context, users *mdb.Area) error {
	briefcase, err := users.Briefcase(c.id) // no I/O: the id says where
	if err != nil {
		return err
	}
	return briefcase.InTx(ctx, nil, func(tx *sql.Tx) error {
		// REPLACE, so that another run on the same servers finds nothing in its way.
		if _, err := tx.ExecContext(ctx, "REPLACE INTO tbl_user (g_user, name) VALUES (?, ?)", c.id, c.name); err != nil {
			return err
		}
		for i, o := range c.orders {
			_, err := tx.ExecContext(ctx, "REPLACE INTO tbl_order (g_user, number, item, cents) VALUES (?, ?, ?, ?)", c.id, i+1, o.item, o.cents)
			if err != nil {
				return err
			}
		}
		// The join sees the rows above, and what it gives goes in with them.
		var spent int
		if err := tx.QueryRowContext(ctx, spentQuery, c.id).Scan(&spent); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE tbl_user SET spent = ? WHERE g_user = ?", spent, c.id)
		return err
	})
}

const spentQuery = `
	SELECT SUM(o.cents)
	FROM tbl_user u
	JOIN tbl_order o ON o.g_user = u.g_user
	WHERE u.g_user = ?`

// receipt is what the shop finds of a customer.
type receipt struct {
	name   string
	orders int
	spent  int // cents
}

// load reads a customer back, joined with its orders.
func load(ctx context.Context, users *mdb.Area, id gdid.GDID) (receipt, error) {
	briefcase, err := users.Briefcase(id)
	if err != nil {
		return receipt{}, err
	}
	var r receipt
	err = briefcase.QueryRowContext(ctx, loadQuery, id).Scan(&r.name, &r.orders, &r.spent)
	return r, err
}

const loadQuery = `
	SELECT u.name, COUNT(*), u.spent
	FROM tbl_user u
	JOIN tbl_order o ON o.g_user = u.g_user
	WHERE u.g_user = ?
	GROUP BY u.name, u.spent`
