package main

import (
	"bytes"
	"context"
	"regexp"
	"testing"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	"github.com/mdbrouter/mdb/examples/internal/servers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRun_leavesNothingOfATransactionThatFailsHalfWay(t *testing.T) {
	t.Parallel()
	const customer = "Ann, on s1: 1 order, 350 cents\n  1 tea\n"
	want := regexp.MustCompile(`^` + customer + `refused: order 1: .*1062.*\nso nothing of it is left:\n` + customer + `$`)
	for _, engine := range []string{servers.Embedded, servers.Real} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, run(t.Context(), engine, &out))
			require.Regexp(t, want, out.String())
		})
	}
}

func TestOn_isNeededForEveryStatement(t *testing.T) {
	t.Parallel()
	orm, err := openGorm()
	require.NoError(t, err)
	require.ErrorContains(t, orm.Create(&User{ID: gdid.MustParse("0:0:7"), Name: "Ann"}).Error, "database is closed")
}

// A single Create is fenced too, and a panic half-way leaves nothing.
func TestOn_writesInFencedTransactions(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{servers.Embedded, servers.Real} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			router, closeAll, err := servers.Open(t.Context(), engine, 2, topology)
			require.NoError(t, err)
			defer func() { require.NoError(t, closeAll()) }()
			orm, err := openGorm()
			require.NoError(t, err)
			user, err := router.Briefcase("user", gdid.MustParse("0:0:9"))
			require.NoError(t, err)

			require.NoError(t, on(t.Context(), orm, user).Create(&User{ID: user.ID(), Name: "Ben"}).Error)
			require.Panics(t, func() {
				_ = on(t.Context(), orm, user).Transaction(func(tx *gorm.DB) error {
					require.NoError(t, tx.Create(&Order{User: user.ID(), Number: 1, Item: "tea", Cents: 350}).Error)
					panic("half-way")
				})
			})
			var orders int64
			require.NoError(t, on(t.Context(), orm, user).Model(&Order{}).Where("g_user = ?", user.ID()).Count(&orders).Error)
			require.Zero(t, orders)
			var found User
			require.NoError(t, on(t.Context(), orm, user).Take(&found, "g_user = ?", user.ID()).Error)
			require.Equal(t, User{ID: user.ID(), Name: "Ben"}, found)

			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			require.ErrorIs(t, on(ctx, orm, user).Delete(&found).Error, context.Canceled)
			require.NoError(t, on(t.Context(), orm, user).Model(&found).Update("name", "Bea").Error)
			require.NoError(t, on(t.Context(), orm, user).Delete(&found).Error)
			require.ErrorIs(t, on(t.Context(), orm, user).Take(&found, "g_user = ?", user.ID()).Error, gorm.ErrRecordNotFound)
		})
	}
}
