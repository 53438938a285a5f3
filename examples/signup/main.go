// Signup is a service that people register with: POST /users signs one up under an
// email, POST /login finds the user of an email, PUT /email moves one to another.
// An email belongs to one user at most, however many register it at once, and users
// are spread over shards by their ids.
//
// It starts its servers, takes a tour through the service over HTTP, and ends; with
// -serve it goes on serving:
//
//	go run ./examples/signup
//	go run ./examples/signup -engine real            # mariadbd or mysqld of this machine
//	go run ./examples/signup -serve 127.0.0.1:8080
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/mdbrouter/mdb/examples/internal/servers"
)

//go:embed topology.mdb.hcl schema
var topology embed.FS

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "signup:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("signup", flag.ContinueOnError)
	engine := flags.String("engine", servers.Embedded, "where the servers come from: embedded in this process, or real, started from the machine's mariadbd or mysqld")
	address := flags.String("serve", "", "address to go on serving at, until interrupted")
	if err := flags.Parse(args); err != nil {
		return err
	}
	router, closeAll, err := servers.Open(ctx, *engine, 3, topology)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	service, err := newService(router)
	if err != nil {
		return err
	}

	var listen net.ListenConfig
	at := *address
	if at == "" {
		at = "127.0.0.1:0"
	}
	listener, err := listen.Listen(ctx, "tcp", at)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: service.handler(), ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() {
		err = errors.Join(err, server.Shutdown(context.WithoutCancel(ctx)))
		if failure := <-served; !errors.Is(failure, http.ErrServerClosed) {
			err = errors.Join(err, failure)
		}
	}()

	url := "http://" + listener.Addr().String()
	if *address == "" {
		return tour(ctx, url, out)
	}
	fmt.Fprintf(out, "serving at %s until interrupted; for example\n  curl -d '{\"email\":\"ann@example.com\",\"name\":\"Ann\",\"password\":\"secret\"}' %s/users\n", url, url)
	<-ctx.Done()
	return nil
}
