package key_test

import (
	"fmt"

	"github.com/mdbrouter/mdb/central/key"
)

func ExampleShard() {
	codec, err := key.New(key.Spec{Normalize: []string{"trim", "nfkc", "fold"}, MaxBytes: 320})
	if err != nil {
		panic(err)
	}
	encoded, err := codec.Encode(" Ann@X.org ")
	if err != nil {
		panic(err)
	}
	fmt.Println(codec.Text(encoded), "is on shard", key.Shard(encoded, 64), "of 64")
	// Output: ann@x.org is on shard 49 of 64
}

func ExampleNew_faults() {
	_, err := key.New(key.Spec{Type: "int64", Normalize: []string{"trim"}, MaxBytes: 5000})
	fmt.Println(err)
	// Output:
	// normaliser "trim" on keys of type int64: only string keys are normalised
	// max_bytes 5000 is outside 8..3072
}
