package dsn_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/dsn"
)

const canary = "c4nary"

// everyPrint gives all that v shows of itself.
func everyPrint(v any) string {
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T", "%8.3s", "%t", "%f"} {
		fmt.Fprintf(&out, verb+"\n", v)
	}
	fmt.Fprintln(&out, v)
	text, err := json.Marshal(v)
	fmt.Fprintln(&out, string(text), err)
	text, err = xml.Marshal(v)
	fmt.Fprintln(&out, string(text), err)
	var blob bytes.Buffer
	err = gob.NewEncoder(&blob).Encode(v)
	fmt.Fprintln(&out, blob.String(), err)
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
	return out.String()
}

func TestDSN_shows_no_secret(t *testing.T) {
	t.Parallel()
	d, err := dsn.Parse("user_" + canary + ":" + canary + "@tcp(u1.db:3306)/db?time_zone=" + canary + "&tls=" + canary)
	require.NoError(t, err)
	require.Contains(t, d.Secret(), canary)

	type exported struct {
		DSN   dsn.DSN
		Again *dsn.DSN
	}
	type unexported struct {
		d dsn.DSN
		m map[string]dsn.DSN
	}
	for _, v := range []any{
		d, &d,
		[]dsn.DSN{d},
		map[string]dsn.DSN{"a": d},
		exported{d, &d},
		&exported{d, &d},
		unexported{d, map[string]dsn.DSN{"a": d}},
		&unexported{d: d}, d.WithDatabase("x"),
		dsn.DSN{},
	} {
		require.NotContains(t, everyPrint(v), canary)
		require.NotContains(t, fmt.Sprintf("%p", v), canary)
	}
	require.Equal(t, "tcp(u1.db:3306)/db", d.String())
	require.Equal(t, "(no dsn)", dsn.DSN{}.String())

	parts := dsn.Parts{Address: "h:1", User: "user_" + canary, Password: canary, Params: map[string]string{"time_zone": canary}}
	for _, v := range []any{parts, &parts, []dsn.Parts{parts}, struct{ P dsn.Parts }{parts}} {
		require.NotContains(t, everyPrint(v), canary)
	}
}

func TestParse_errors_show_no_secret(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		canary, canary + "/", "/" + canary + "%", "u:" + canary + "@tcp(h:1", canary + "(" + canary + "/", "/?timeout=" + canary,
		"/?loc=" + canary, "/?" + canary + "%=1", "/?tls=%zz" + canary, "/?compress=" + canary, "u@" + canary + "/", "/?collation=" + canary + ";",
	} {
		_, err := dsn.Parse(text)
		require.Error(t, err, text)
		require.NotContains(t, everyPrint(err), canary, text)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"u:p@tcp(h:1)/db?timeout=2s", "/", "u@unix(/s)/", "/?strict=1", "/?a=b&a=c", "u:p@tcp([::1]:1)/?tls=x", "/?=", "@(/", "/?loc=Local", "/?time_zone=%27a%27",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := dsn.Parse("u:" + canary + "@" + text)
		if err != nil {
			require.NotContains(t, err.Error(), canary)
			return
		}
		for _, fault := range d.Check() {
			require.NotContains(t, fault.Reason, canary)
		}
		require.NotNil(t, d.Config())
		filled, err := d.FillParams(map[string]string{"timeout": "2s"})
		require.NoError(t, err)
		require.Positive(t, filled.Config().Timeout+1)
		if d.Config().Passwd == canary { // else the text had another "@", and the canary may be anything
			require.NotContains(t, d.String(), canary)
			require.NotContains(t, fmt.Sprintf("%+v %#v", d, d), canary)
		}
	})
}
