package servers

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

const hidden = "xxxxx"

var (
	// userinfo runs to the last @: a password that should have been escaped may hold any character.
	userinfo = regexp.MustCompile(`(//[^:@/?]*:)(.*)@`)
	inQuery  = regexp.MustCompile(`(?i)(password\s*=)([^&]*)`)
	inList   = regexp.MustCompile(`(?i)(password\s*=\s*)('(?:[^'\\]|\\.|'')*'?|(?:[^\s\\]|\\.)*)`)
)

// setting matches a password among the settings of a URL, or of a list as host=h password=p.
func setting(raw string) *regexp.Regexp {
	if strings.Contains(raw, "://") {
		return inQuery
	}
	return inList
}

// Redact is a connection URL, or a list of settings as Postgres takes it, without its passwords. It need not be well formed.
func Redact(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		if _, ok := u.User.Password(); ok {
			u.User = url.UserPassword(u.User.Username(), hidden)
			raw = u.String()
		}
	} else {
		raw = userinfo.ReplaceAllString(raw, "${1}"+hidden+"@")
	}
	return setting(raw).ReplaceAllString(raw, "${1}"+hidden)
}

// redacted is an error whose text has lost its secrets; what it wraps is there for errors.As alone.
type redacted struct {
	text string
	err  error
}

func (r redacted) Error() string { return r.text }
func (r redacted) Unwrap() error { return r.err }

// scrub takes the URL and its passwords out of the text of an error of other people's code.
func scrub(err error, raw string) error {
	text := strings.ReplaceAll(err.Error(), raw, Redact(raw))
	for _, secret := range secrets(raw) {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	return redacted{text, err}
}

// unreadable is why raw can't be parsed. Where it isn't clear what in raw is the password, any part that an error quotes may belong to it.
func unreadable(err error, raw string) error {
	_, malformed := url.Parse(raw)
	list := !strings.Contains(raw, "://")
	if len(secrets(raw)) > 0 && (malformed != nil || list) {
		return errors.New("it can't be read; special characters of a password must be escaped, in a URL as %40 for @")
	}
	return err
}

// secrets are the passwords in raw, as written and as meant.
func secrets(raw string) []string {
	var found []string
	if u, err := url.Parse(raw); err == nil {
		password, _ := u.User.Password()
		found = append(found, password)
	}
	for _, m := range userinfo.FindAllStringSubmatch(raw, -1) {
		found = append(found, m[2])
	}
	for _, m := range setting(raw).FindAllStringSubmatch(raw, -1) {
		found = append(found, strings.Trim(m[2], "'"))
	}
	var all []string
	for _, s := range found {
		if meant, err := url.QueryUnescape(s); err == nil && meant != "" {
			all = append(all, meant)
		}
		if s != "" {
			all = append(all, s)
		}
	}
	return all
}
