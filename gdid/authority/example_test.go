package authority_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
)

func ExampleGenerator() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "ids")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	local := authority.NewFiles(authority.FilesConfig{
		Name: "local", Number: 3, Namespace: "acme_prod",
		Paths: []string{filepath.Join(dir, "a"), filepath.Join(dir, "b")},
	})
	defer local.Close()
	// Once, when the system is set up:
	if err := authority.NewSet([]authority.Store{local}).Create(ctx, "user", gdid.RangeKey{}); err != nil {
		panic(err)
	}

	users, err := authority.New("user", []authority.Authority{local}, authority.Options{})
	if err != nil {
		panic(err)
	}
	defer users.Close()
	for range 2 {
		id, err := users.Next(ctx)
		if err != nil {
			panic(err)
		}
		fmt.Println(id)
	}
	batch, err := users.NextN(ctx, 3)
	if err != nil {
		panic(err)
	}
	for id := range batch.All() {
		fmt.Println(id)
	}
	// Output:
	// 0:3:1
	// 0:3:2
	// 0:3:3
	// 0:3:4
	// 0:3:5
}
