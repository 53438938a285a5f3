package main

import (
	"context"
	"database/sql"

	"github.com/mdbrouter/mdb"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// openGorm opens gorm once for the whole process, so that it parses each model once.
// It is opened on no server: a statement that no briefcase was given for fails.
func openGorm() (*gorm.DB, error) {
	nowhere, err := sql.Open("mysql", "/")
	if err != nil {
		return nil, err
	}
	if err := nowhere.Close(); err != nil {
		return nil, err
	}
	dialect := mysql.New(mysql.Config{
		Conn: nowhere,
		// Asking the version would need a server; the shards may differ in it anyway.
		SkipInitializeWithVersion: true,
	})
	return gorm.Open(dialect, &gorm.Config{
		DisableAutomaticPing: true,
		// gorm's own logger prints statements with their arguments.
		Logger: logger.Discard,
	})
}

// on gives a session whose statements run on a briefcase. A transaction of it is a
// fenced transaction of the briefcase, a single Create or Update too.
//
// A transaction within a transaction becomes a savepoint, which the embedded engine
// does not know.
func on(ctx context.Context, orm *gorm.DB, briefcase *mdb.Briefcase) *gorm.DB {
	session := orm.WithContext(ctx)
	session.Statement.ConnPool = briefcase
	return session
}

// Without TxBeginner gorm would run every statement of a transaction for itself, and
// commit them one by one.
var (
	_ gorm.ConnPool   = (*mdb.Briefcase)(nil)
	_ gorm.TxBeginner = (*mdb.Briefcase)(nil)
)
