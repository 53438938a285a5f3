package dsn_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/dsn"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text                           string
		network, address, user, pw, database string
		params                               []string
	}{
		{name: "the whole form", text: "mdb_rw:pw@tcp(u1.db:3307)/user_p0?timeout=2s&sql_mode=%27ANSI%27", network: "tcp", address: "u1.db:3307", user: "mdb_rw", pw: "pw", database: "user_p0", params: []string{"sql_mode", "timeout"}},
		{name: "the port defaults to 3306", text: "root@tcp(127.0.0.1)/", network: "tcp", address: "127.0.0.1:3306", user: "root"},
		{name: "a socket", text: "root:x@unix(/run/mysqld/mysqld.sock)/db", network: "unix", address: "/run/mysqld/mysqld.sock", user: "root", pw: "x", database: "db"},
		{name: "a password with every separator", text: "u:p/a@s:s?&=(@tcp(h:1)/", network: "tcp", address: "h:1", user: "u", pw: "p/a@s:s?&=("},
		{name: "an IPv6 address", text: "u@tcp([::1]:3306)/", network: "tcp", address: "[::1]:3306", user: "u"},
		{name: "a TLS configuration registered later", text: "u@tcp(h:1)/?tls=mine&serverPubKey=mykey", network: "tcp", address: "h:1", user: "u", params: []string{"serverPubKey", "tls"}},
		{name: "no address is the driver's default", text: "/", network: "tcp", address: "127.0.0.1:3306"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := dsn.Parse(tt.text)
			require.NoError(t, err)
			require.Equal(t, tt.network, d.Network())
			require.Equal(t, tt.address, d.Address())
			require.Equal(t, tt.user, d.User())
			require.Equal(t, tt.database, d.Database())
			require.Equal(t, tt.pw != "", d.HasPassword())
			require.Equal(t, tt.pw, d.Config().Passwd)
			require.Equal(t, tt.params, d.Params())
		})
	}
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "root", "u:s3cret@tcp(h:1)", "u:s3cret@tcp(h:1/db", "u:s3cret@h:3306/", "u:s3cret@tcp(h:1)x/",
		"u:s3cret@tcp(h:1)/%zz", "u:s3cret@tcp(h:1)/?timeout=s3cret", "u:s3cret@tcp(h:1)/?parseTime=s3cret",
		"u:s3cret@tcp(h:1)/?loc=s3cret", "u:s3cret@tcp(h:1)/?sql_mode=%zs3cret", "u:s3cret@tcp(h:1)/?strict=true",
		"u:s3cret@tcp(h:1)/?s3cret%20x=1", "u:s3cret@tcp(h:1)/?charset=s3cret;x", "u:s3cret@tcp(h:1)/?timeout=-1s",
		"u:s3cret@tcp(h:1)/?maxAllowedPacket=s3cret", "u:s3cret@tcp(h:1)/?tls=%zs3cret", "u:s3cret@tcp(h:1)/?wait_timeout=",
	} {
		_, err := dsn.Parse(text)
		var want *dsn.Error
		require.ErrorAs(t, err, &want, text)
		require.NotContains(t, err.Error(), "s3cret")
	}
}

func TestBuild(t *testing.T) {
	t.Parallel()
	d, err := dsn.Build(dsn.Parts{
		Address: "u1.db", User: "mdb:rw", Password: "p@/:?", Params: map[string]string{"timeout": "2s", "loc": "Europe/Berlin", "sql_mode": "'ANSI,STRICT_ALL_TABLES'", "tls": "true"},
	})
	require.NoError(t, err)
	cfg := d.Config()
	require.Equal(t, "u1.db:3306", cfg.Addr)
	require.Equal(t, "mdb:rw", cfg.User)
	require.Equal(t, "p@/:?", cfg.Passwd)
	require.Equal(t, 2*time.Second, cfg.Timeout)
	require.Equal(t, "Europe/Berlin", cfg.Loc.String())
	require.Equal(t, "'ANSI,STRICT_ALL_TABLES'", cfg.Params["sql_mode"])
	require.Equal(t, "true", cfg.TLSConfig)
	require.Nil(t, cfg.TLS, "the driver takes the server name from the address when it connects")

	for _, address := range []string{"", "a b", "h:0", "h:65536", "h:x", ":3306", "h:1:2", "[::1", "h\n", "h(1)", "u@h", "h/x"} {
		_, err := dsn.Build(dsn.Parts{Address: address})
		require.Error(t, err, address)
	}
	for address, want := range map[string]string{"h:1": "h:1", "::1": "[::1]:3306", "[::1]:2": "[::1]:2", "10.0.0.1": "10.0.0.1:3306"} {
		d, err := dsn.Build(dsn.Parts{Address: address})
		require.NoError(t, err, address)
		require.Equal(t, want, d.Address())
	}
	d, err = dsn.Build(dsn.Parts{Address: "/run/s.sock"})
	require.NoError(t, err)
	require.Equal(t, "unix", d.Network())
}

// A parameter's value must stay one value, whatever it holds.
func TestBuild_values_cannot_add_parameters(t *testing.T) {
	t.Parallel()
	d, err := dsn.Build(dsn.Parts{Address: "h:1", Params: map[string]string{"time_zone": "'x'&multiStatements=true/?allowAllFiles=true"}})
	require.NoError(t, err)
	require.False(t, d.Config().MultiStatements)
	require.False(t, d.Config().AllowAllFiles)
	require.Equal(t, "'x'&multiStatements=true/?allowAllFiles=true", d.Config().Params["time_zone"])
	for name, value := range map[string]string{"charset": "utf8mb4&multiStatements=true", "timeout": "2s&multiStatements=true", "a&multiStatements": "true", "x = 1, autocommit": "0"} {
		_, err := dsn.Build(dsn.Parts{Address: "h:1", Params: map[string]string{name: value}})
		require.Error(t, err, name)
	}
}

func TestDSN_FillParams(t *testing.T) {
	t.Parallel()
	d, err := dsn.Parse("u:p@tcp(h:1)/?readTimeout=1s&interpolateParams=false")
	require.NoError(t, err)
	filled, err := d.FillParams(map[string]string{"readTimeout": "30s", "timeout": "2s", "interpolateParams": "true"})
	require.NoError(t, err)
	require.Equal(t, time.Second, filled.Config().ReadTimeout, "what the DSN says stays")
	require.Equal(t, 2*time.Second, filled.Config().Timeout)
	require.False(t, filled.Config().InterpolateParams)
	require.Zero(t, d.Config().Timeout, "the first DSN is as it was")
	require.Equal(t, "p", filled.Config().Passwd)

	_, err = d.FillParams(map[string]string{"timeout": "soon"})
	require.Error(t, err)
}

func TestDSN_Config(t *testing.T) {
	t.Parallel()
	d, err := dsn.Parse("u:p@tcp(h:1)/db")
	require.NoError(t, err)
	require.True(t, d.Config().InterpolateParams)
	d.Config().User = "somebody else"
	require.Equal(t, "u", d.Config().User, "the caller owns the clone")
	require.Equal(t, "db", d.Config().DBName)
	require.Equal(t, "other", d.WithDatabase("other").Config().DBName)
	require.Equal(t, "other", d.WithDatabase("other").Database())
	require.Equal(t, "db", d.Database())
	require.True(t, dsn.DSN{}.IsZero())
	require.Nil(t, dsn.DSN{}.Config())
	require.Empty(t, dsn.DSN{}.Secret())
}

func TestDSN_Secret_parses_to_the_same(t *testing.T) {
	t.Parallel()
	d, err := dsn.Parse("u:p@ss/w@tcp(h:1)/d%2Fb?loc=Europe%2FBerlin&tls=true&time_zone=%27%2B00%3A00%27")
	require.NoError(t, err)
	again, err := dsn.Parse(d.Secret())
	require.NoError(t, err)
	require.Equal(t, d.Secret(), again.Secret())
	require.Equal(t, "d/b", again.Database())
	require.Equal(t, "'+00:00'", again.Config().Params["time_zone"])
}

func TestDSN_ClientOptions(t *testing.T) {
	t.Parallel()
	d, err := dsn.Parse("u:p@tcp([::1]:3307)/")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"protocol": "tcp", "host": "::1", "port": "3307", "user": "u", "password": "p"}, d.ClientOptions())
	d, err = dsn.Parse("u@unix(/s.sock)/")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"socket": "/s.sock", "user": "u"}, d.ClientOptions())
}

func TestDSN_Loopback(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"u@tcp(127.0.0.1:1)/": true, "u@tcp(localhost:1)/": true, "u@tcp([::1]:1)/": true, "u@unix(/s)/": true,
		"u@tcp(10.0.0.1:1)/": false, "u@tcp(localhost.example:1)/": false,
	} {
		d, err := dsn.Parse(text)
		require.NoError(t, err)
		require.Equal(t, want, d.Loopback(), text)
	}
}
