package pool

import (
	"database/sql/driver"

	"github.com/go-sql-driver/mysql"
)

// declared is the driver's connector for a known DSN, as [Options.Connector]
// gets it.
type declared struct {
	driver.Connector
	config *mysql.Config // never changed
}

// Config gives the configuration of the driver, password and all; the caller
// owns it. A replacement can so keep the declared parameters.
func (d *declared) Config() *mysql.Config { return d.config.Clone() }
