module github.com/mdbrouter/mdb/bench

go 1.26.0

require (
	github.com/google/btree v1.1.3
	github.com/google/uuid v1.6.0
	github.com/mdbrouter/mdb v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

replace github.com/mdbrouter/mdb => ../

require go.yaml.in/yaml/v3 v3.0.5 // indirect
