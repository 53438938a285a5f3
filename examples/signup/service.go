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
	u := user{ID: id, Name: name, Email: email}
	return u, s.register(ctx, u, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO tbl_user (g_user, name, email, h_email, salt, secret) VALUES (?, ?, ?, ?, ?, ?)",
			u.ID, u.Name, u.Email, proof, salt, secret)
		return err
	})
}

// register gives a user its email, in one transaction with fn. When the answer of
// the servers was lost it asks once more, which finishes what was begun.
func (s *service) register(ctx context.Context, u user, fn func(tx *sql.Tx) error) error {
	keys := []mdb.Key{{Index: "email", Value: u.Email}}
	err := s.router.Register(ctx, u.ID, keys, fn)
	if mdb.Classify(err).Outcome == mdb.Unknown && ctx.Err() == nil {
		err = s.router.Register(ctx, u.ID, keys, fn)
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

// rename gives a user another email: the new key belongs to it before its row
// says so, and the old key is given up last. What fails half-way can be called
// again, and Find refuses a key that the row does not confirm.
func (s *service) rename(ctx context.Context, u user, email string) (user, error) {
	old := u.Email
	proof, err := s.emails.Proof(email)
	if err != nil {
		return user{}, err
	}
	u.Email = email
	err = s.register(ctx, u, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE tbl_user SET email = ?, h_email = ? WHERE g_user = ?", email, proof, u.ID)
		return err
	})
	if err != nil {
		return user{}, err
	}
	if s.sameKey(old, email) {
		return u, nil
	}
	if err := s.emails.Release(ctx, old, u.ID); err != nil && !errors.Is(err, mdb.ErrNotFound) {
		return user{}, errors.Join(errAgain, err)
	}
	return u, nil
}

// sameKey reports whether two emails are the same once they are normalised.
func (s *service) sameKey(a, b string) bool {
	one, err := s.emails.Encode(a)
	if err != nil {
		return false
	}
	other, err := s.emails.Encode(b)
	return err == nil && string(one) == string(other)
}
