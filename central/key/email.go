package key

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// newEmail gives the normaliser of plain addresses. The package documentation says
// which form they get, and why not more.
func newEmail() func(s string) (string, error) {
	profile := idna.New(
		idna.MapForLookup(), // includes the STD3 rules and the checks of labels
		idna.Transitional(false),
		idna.BidiRule(),
		idna.VerifyDNSLength(true),
	)
	return func(s string) (string, error) { return email(profile, s) }
}

func email(profile *idna.Profile, s string) (string, error) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return "", ErrNotEmail
	}
	local, err := localPart(s[:at])
	if err != nil {
		return "", err
	}
	domain, err := domainPart(profile, s[at+1:])
	if err != nil {
		return "", err
	}
	return local + "@" + domain, nil
}

func localPart(s string) (string, error) {
	foreign := func(r rune) bool {
		return strings.ContainsRune(`"(),:;<>@[\]`, r) || isSpace(r) || unicode.IsControl(r)
	}
	if strings.ContainsFunc(s, foreign) {
		return "", ErrNotEmail
	}
	s, err := normalForm(norm.NFC, s)
	if err != nil {
		return "", err
	}
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, s), nil
}

// maxDomain is the length in bytes of the longest domain looked at: a name has at
// most 253 bytes in ASCII, and punycode takes quadratic time over what is longer.
const maxDomain = 1024

// domainPart lowers before IDNA maps, because what IDNA makes of a capital ẞ
// has changed with Unicode 15.1, and what it makes of ß has not.
func domainPart(profile *idna.Profile, s string) (string, error) {
	if len(s) > maxDomain {
		return "", ErrNotEmail
	}
	// The cause quotes the domain, so it stays out of the error.
	domain, err := profile.ToASCII(strings.ToLower(s))
	if err != nil || domain == "" || strings.HasSuffix(domain, ".") {
		return "", ErrNotEmail
	}
	return domain, nil
}
