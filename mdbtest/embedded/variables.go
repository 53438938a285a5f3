package embedded

import (
	"sync"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/go-mysql-server/sql/variables"
	vitesslog "github.com/dolthub/vitess/go/vt/log"
	"github.com/sirupsen/logrus"
)

const (
	lockWaitVariable = "innodb_lock_wait_timeout"
	readOnlyVariable = "transaction_read_only"
	uuidVariable     = "server_uuid"
	idVariable       = "server_id"
)

// prepareProcess does once what the engine keeps for the whole process: it silences
// its logs and lets a session have variables of its own where MySQL has one value
// per server.
var prepareProcess = sync.OnceFunc(func() {
	logrus.SetLevel(logrus.FatalLevel)
	//nolint:forbidigo // not a use: it is switched off
	vitesslog.Info, vitesslog.Warning, vitesslog.Error = quiet, quiet, quiet
	//nolint:forbidigo // not a use: it is switched off
	vitesslog.Infof, vitesslog.Warningf, vitesslog.Errorf = quietf, quietf, quietf

	variables.InitStatusVariables()
	both, session := sql.SystemVariableScope_Both, sql.SystemVariableScope_Session
	sql.SystemVariables.AddSystemVariables([]sql.SystemVariable{
		&sql.MysqlSystemVariable{
			Name: lockWaitVariable, Scope: sql.GetMysqlScope(both), Dynamic: true,
			Type: types.NewSystemIntType(lockWaitVariable, 1, 1<<30, false), Default: int64(50),
		},
		&sql.MysqlSystemVariable{
			Name: uuidVariable, Scope: sql.GetMysqlScope(session),
			Type: types.NewSystemStringType(uuidVariable), Default: "",
		},
		&sql.MysqlSystemVariable{
			Name: idVariable, Scope: sql.GetMysqlScope(session),
			Type: types.NewSystemUintType(idVariable, 0, 1<<32-1), Default: uint64(0),
		},
	})
})

func quiet(...any) {}

func quietf(string, ...any) {}
