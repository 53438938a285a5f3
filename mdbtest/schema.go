package mdbtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/go-sql-driver/mysql"
)

// applySchema runs the files of Options.Schema on every shard.
func (c *Cluster) applySchema(ctx context.Context) error {
	if c.options.Schema == nil {
		return nil
	}
	for _, d := range c.databases {
		if d.area == "" {
			continue
		}
		files, err := c.schemaFiles(d.area)
		if err != nil {
			return err
		}
		if err := runFiles(ctx, d, c.options.Schema, files); err != nil {
			return err
		}
	}
	return nil
}

// schemaFiles lists the files for an area's shards, in the order they run.
func (c *Cluster) schemaFiles(area string) ([]string, error) {
	top, err := fs.Glob(c.options.Schema, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list the schema: %w", err)
	}
	own, err := fs.Glob(c.options.Schema, path.Join(area, "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("list the schema of area %s: %w", area, err)
	}
	return append(top, own...), nil
}

func runFiles(ctx context.Context, d database, schema fs.FS, files []string) (err error) {
	if len(files) == 0 {
		return nil
	}
	cfg := d.server.config.Clone()
	cfg.DBName, cfg.MultiStatements = d.name, true
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return fmt.Errorf("server %s: its data source name cannot be used", d.server.label)
	}
	conn, err := connector.Connect(ctx)
	if err != nil {
		return fmt.Errorf("apply the schema to database %s on server %s: %w", d.name, d.server.label, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, file := range files {
		text, err := fs.ReadFile(schema, file)
		if err != nil {
			return fmt.Errorf("read the schema: %w", err)
		}
		if err := runText(ctx, conn, string(text)); err != nil {
			return fmt.Errorf("apply %s to database %s on server %s: %w", file, d.name, d.server.label, err)
		}
	}
	return nil
}
