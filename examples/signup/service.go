package main

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"errors"

	"github.com/mdbrouter/mdb"
)

// rounds makes a guess at a password cost something. A real service takes more.
const rounds = 10_000

var (
	errLogin = errors.New("no user has this email and password")
	errAgain = errors.New("the outcome is not known yet; try again")
)

// A service registers users and finds them by their emails.
type service struct {
	router *mdb.Router
	users  *mdb.Area
	emails *mdb.Index
}

// A user is what others may see of one.
type user struct {
	ID    mdb.GDID `json:"id"`
	Name  string   `json:"name"`
	Email string   `json:"email"`
}

func newService(router *mdb.Router) (*service, error) {
	users, err := router.Area("user")
	if err != nil {
		return nil, err
	}
	return &service{router: router, users: users, emails: router.Central().Index("email")}, nil
}

// signUp creates a user under an email that nobody has.
func (s *service) signUp(ctx context.Context, email, name, password string) (user, error) {
	proof, err := s.emails.Proof(email)
	if err != nil {
		return user{}, err
	}
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return user{}, err
	}
	secret, err := pbkdf2.Key(sha256.New, password, salt, rounds, 32)
	if err != nil {
		return user{}, err
	}
	id, err := s.users.NewID(ctx)
	if err != nil {
		return user{}, err
	}
	return user{ID: id, Name: name, Email: email}, twice(ctx, func() error {
		return s.router.Register(ctx, id, []mdb.Key{{Index: "email", Value: email}}, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO tbl_user (g_user, name, email, h_email, salt, secret) VALUES (?, ?, ?, ?, ?, ?)",
				id, name, email, proof, salt, secret)
			return err
		})
	})
}

// twice calls fn again when the answer of the servers was lost, which finishes what
// was begun.
func twice(ctx context.Context, fn func() error) error {
	err := fn()
	if mdb.Classify(err).Outcome == mdb.Unknown && ctx.Err() == nil {
		err = fn()
	}
	if mdb.Classify(err).Outcome == mdb.Unknown {
		return errors.Join(errAgain, err)
	}
	return err
}

// login gives the user of an email and password.
func (s *service) login(ctx context.Context, email, password string) (user, error) {
	b, err := s.router.Find(ctx, "email", email)
	if errors.Is(err, mdb.ErrNotFound) {
		return user{}, errLogin
	}
	if err != nil {
		return user{}, err
	}
	u := user{ID: b.ID()}
	var salt, secret []byte
	row := b.QueryRowContext(ctx, "SELECT name, email, salt, secret FROM tbl_user WHERE g_user = ?", b.ID())
	if err := row.Scan(&u.Name, &u.Email, &salt, &secret); err != nil {
		return user{}, err
	}
	guess, err := pbkdf2.Key(sha256.New, password, salt, rounds, 32)
	if err != nil {
		return user{}, err
	}
	if subtle.ConstantTimeCompare(guess, secret) != 1 {
		return user{}, errLogin
	}
	return u, nil
}

// rename gives a user another email: the row changes in the transaction between
// reserving the new key and giving up the old one.
func (s *service) rename(ctx context.Context, u user, email string) (user, error) {
	proof, err := s.emails.Proof(email)
	if err != nil {
		return user{}, err
	}
	err = twice(ctx, func() error {
		return s.router.Change(ctx, "email", u.ID, u.Email, email, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE tbl_user SET email = ?, h_email = ? WHERE g_user = ?", email, proof, u.ID)
			return err
		})
	})
	u.Email = email
	return u, err
}
