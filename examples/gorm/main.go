// Gorm runs on a briefcase: gorm is opened once, and each unit of work gets a session
// on the briefcase it is about.
//
//	go run ./examples/gorm
//	go run ./examples/gorm -engine real
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
	"gorm.io/gorm"

	"github.com/mdbrouter/mdb/examples/internal/servers"
)

//go:embed topology.mdb.hcl schema
var topology embed.FS

// User is the root of a briefcase. gorm takes the id as any column: it is a
// driver.Valuer and a sql.Scanner.
type User struct {
	ID   gdid.GDID `gorm:"column:g_user;type:binary(12);primaryKey"`
	Name string
}

// TableName is gorm's way to name the table.
func (User) TableName() string { return "tbl_user" }

// Order belongs to a user.
type Order struct {
	User   gdid.GDID `gorm:"column:g_user;type:binary(12);primaryKey"`
	Number uint32    `gorm:"primaryKey;autoIncrement:false"`
	Item   string
	Cents  uint32
}

// TableName is gorm's way to name the table.
func (Order) TableName() string { return "tbl_order" }

func main() {
	engine := flag.String("engine", servers.Embedded, "embedded or real")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *engine, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "gorm:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, engine string, out io.Writer) (err error) {
	router, closeAll, err := servers.Open(ctx, engine, 2, topology)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	orm, err := openGorm()
	if err != nil {
		return err
	}

	ann, err := router.Briefcase("user", gdid.MustParse("0:0:7"))
	if err != nil {
		return err
	}
	if err := register(ctx, orm, ann, "Ann"); err != nil {
		return err
	}
	if err := show(ctx, orm, ann, out); err != nil {
		return err
	}

	err = buyTwice(ctx, orm, ann)
	fmt.Fprintln(out, "refused:", err)
	fmt.Fprintln(out, "so nothing of it is left:")
	return show(ctx, orm, ann, out)
}

// register writes a user and a first order, in one transaction on one server.
func register(ctx context.Context, orm *gorm.DB, user *mdb.Briefcase, name string) error {
	return on(ctx, orm, user).Transaction(func(tx *gorm.DB) error {
		if err := tx.Create(&User{ID: user.ID(), Name: name}).Error; err != nil {
			return err
		}
		return tx.Create(&Order{User: user.ID(), Number: 1, Item: "tea", Cents: 350}).Error
	})
}

// buyTwice fails at its second statement, because order 1 exists.
func buyTwice(ctx context.Context, orm *gorm.DB, user *mdb.Briefcase) error {
	return on(ctx, orm, user).Transaction(func(tx *gorm.DB) error {
		for _, number := range []uint32{2, 1} {
			order := &Order{User: user.ID(), Number: number, Item: "cup", Cents: 900}
			if err := tx.Create(order).Error; err != nil {
				return fmt.Errorf("order %d: %w", number, err)
			}
		}
		return nil
	})
}

// show reads outside a transaction, with a join inside the briefcase.
func show(ctx context.Context, orm *gorm.DB, user *mdb.Briefcase, out io.Writer) error {
	var total struct {
		Name   string
		Orders int
		Cents  int
	}
	err := on(ctx, orm, user).Model(&User{}).
		Select("tbl_user.name, COUNT(*) AS orders, SUM(o.cents) AS cents").
		Joins("JOIN tbl_order o ON o.g_user = tbl_user.g_user").
		Where("tbl_user.g_user = ?", user.ID()).
		Group("tbl_user.name").
		Take(&total).Error
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s, on %s: %d order, %d cents\n", total.Name, user.Route().Server, total.Orders, total.Cents)
	var orders []Order
	if err := on(ctx, orm, user).Where("g_user = ?", user.ID()).Order("number").Find(&orders).Error; err != nil {
		return err
	}
	for _, o := range orders {
		fmt.Fprintf(out, "  %d %s\n", o.Number, o.Item)
	}
	return nil
}
