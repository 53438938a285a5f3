package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// racers is how many register one email at the same moment.
const racers = 8

// tour calls the service as clients do and prints what it answers.
func tour(ctx context.Context, url string, out io.Writer) error {
	c := client{url: url}
	ann := request{Email: "Ann@Example.com", Name: "Ann", Password: "secret"}
	renamed := ann
	renamed.New = "ann@new.example"
	again := request{Email: "ANN@new.example", Password: "secret"}
	wrong := request{Email: "ann@new.example", Password: "guess"}
	steps := []struct {
		what, method, path string
		in                 request
	}{
		{"Ann signs up", http.MethodPost, "/users", ann},
		{"somebody else takes her email", http.MethodPost, "/users", request{Email: " ann@example.com", Name: "Eve", Password: "evil"}},
		{"that is no email", http.MethodPost, "/users", request{Email: "ann at example.com", Name: "Ann", Password: "secret"}},
		{"Ann logs in, writing it otherwise", http.MethodPost, "/login", request{Email: "ann@EXAMPLE.com", Password: "secret"}},
		{"she moves to another email", http.MethodPut, "/email", renamed},
		{"she logs in with the new one", http.MethodPost, "/login", again},
		{"with a wrong password", http.MethodPost, "/login", wrong},
		{"with the old one", http.MethodPost, "/login", ann},
		{"which Eve may have now", http.MethodPost, "/users", request{Email: "ann@example.com", Name: "Eve", Password: "evil"}},
	}
	for _, s := range steps {
		status, text, err := c.call(ctx, s.method, s.path, s.in)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%-34s  %d  %s\n", s.what, status, text)
	}
	won, err := c.race(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%-34s  %d won\n", fmt.Sprintf("%d sign up under one email at once", racers), won)
	return nil
}

// A client calls the service.
type client struct{ url string }

func (c client) call(ctx context.Context, method, path string, in request) (status int, text string, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, "", err
	}
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, string(bytes.TrimSpace(answer)), err
}

// race signs up several users under one email at the same moment, and gives how
// many succeeded.
func (c client) race(ctx context.Context) (won int, err error) {
	var mu sync.Mutex
	var running sync.WaitGroup
	for i := range racers {
		running.Go(func() {
			status, text, failure := c.call(ctx, http.MethodPost, "/users", request{Email: "bob@example.com", Name: fmt.Sprint("Bob ", i), Password: "secret"})
			if failure == nil && status != http.StatusCreated && status != http.StatusConflict {
				failure = fmt.Errorf("status %d: %s", status, text)
			}
			mu.Lock()
			defer mu.Unlock()
			if failure != nil {
				err = failure
			}
			if status == http.StatusCreated {
				won++
			}
		})
	}
	running.Wait()
	return won, err
}
