package main

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/central/key"
)

// request is the body of all requests.
type request struct {
	Email    string `json:"email"`
	Name     string `json:"name"`
	Password string `json:"password"`
	New      string `json:"new_email"`
}

// handler gives the routes of the service.
func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /users", handle(func(r *http.Request, in request) (user, int, error) {
		u, err := s.signUp(r.Context(), in.Email, in.Name, in.Password)
		return u, http.StatusCreated, err
	}))
	mux.HandleFunc("POST /login", handle(func(r *http.Request, in request) (user, int, error) {
		u, err := s.login(r.Context(), in.Email, in.Password)
		return u, http.StatusOK, err
	}))
	mux.HandleFunc("PUT /email", handle(func(r *http.Request, in request) (user, int, error) {
		u, err := s.login(r.Context(), in.Email, in.Password)
		if err == nil {
			u, err = s.rename(r.Context(), u, in.New)
		}
		return u, http.StatusOK, err
	}))
	return mux
}

// handle reads a request and answers with what fn gives.
func handle(fn func(r *http.Request, in request) (user, int, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in request
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&in); err != nil {
			answer(w, http.StatusBadRequest, map[string]string{"error": "the body is not JSON"})
			return
		}
		u, status, err := fn(r, in)
		if err != nil {
			status, text := explain(err)
			answer(w, status, map[string]string{"error": text})
			return
		}
		answer(w, status, u)
	}
}

// explain gives the status and what the client may know of an error.
func explain(err error) (status int, text string) {
	if bad, ok := errors.AsType[*key.Error](err); ok { // it does not show the key
		return http.StatusUnprocessableEntity, "the email " + bad.Err.Error()
	}
	switch {
	case errors.Is(err, mdb.ErrTaken):
		return http.StatusConflict, "the email is taken"
	case errors.Is(err, errLogin):
		return http.StatusUnauthorized, errLogin.Error()
	case errors.Is(err, errAgain):
		return http.StatusServiceUnavailable, errAgain.Error()
	case mdb.Classify(err).Advice != mdb.Fail:
		return http.StatusServiceUnavailable, "a server does not answer; try again"
	}
	return http.StatusInternalServerError, "something is wrong here"
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone gets nothing
}
