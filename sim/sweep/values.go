package sweep

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// axis is one key and its values.
type axis struct {
	key    string
	text   string // of the values, as given
	values values
}

// values are numbered from 0. A range is not written out: it may have millions.
type values interface {
	len() int64
	at(i int64) string
	index(value string) int64 // −1: it is none of them
}

// list is values that were given one by one.
type list []string

func (l list) len() int64               { return int64(len(l)) }
func (l list) at(i int64) string        { return l[i] }
func (l list) index(value string) int64 { return int64(slices.Index(l, value)) }

// span is a range in whole numbers of its smallest unit, so that 0:3:0.1 has no 0.30000000000000004.
type span struct {
	start, step, n int64
	unit           unit
}

func (s span) len() int64        { return s.n }
func (s span) at(i int64) string { return s.unit.write(s.start + i*s.step) }

func (s span) index(value string) int64 {
	v, err := s.unit.read(value)
	if err != nil {
		return -1
	}
	if i := (v - s.start) / s.step; i >= 0 && i < s.n && s.at(i) == value {
		return i
	}
	return -1
}

// unit turns the text of a value into whole numbers, and back.
type unit struct {
	read  func(string) (int64, error)
	write func(int64) string
}

// parseAxis reads KEY=VALUES, where VALUES is START:END:STEP or a list with commas.
func parseAxis(set string) (axis, error) {
	key, text, found := strings.Cut(set, "=")
	if !found || key == "" || text == "" {
		return axis{}, fmt.Errorf("--set %s: expected KEY=VALUES, as in buffers.z=0:3:0.5 or sync.polling.every=1s,1m,15m", set)
	}
	a := axis{key: key, text: text}
	parts := split(text, ':')
	var err error
	switch {
	case len(parts) == 3 && isAmount(parts[0]):
		a.values, err = parseSpan(parts[0], parts[1], parts[2])
	case len(parts) > 1 && isAmount(parts[0]) && isAmount(parts[1]) && !strings.Contains(text, ","):
		err = fmt.Errorf("expected a range as START:END:STEP, as in 0:3:0.5 or 1m:15m:2m")
	default:
		a.values, err = parseList(text)
	}
	if err != nil {
		return a, fmt.Errorf("--set %s: %w", set, err)
	}
	return a, nil
}

func parseList(text string) (list, error) {
	all := list(split(text, ','))
	for i, v := range all {
		all[i] = strings.TrimSpace(v)
		switch {
		case all[i] == "":
			return nil, fmt.Errorf("value %d of the list is empty: expected values with commas between them", i+1)
		case slices.Contains(all[:i], all[i]):
			return nil, fmt.Errorf("%s stands there twice", all[i])
		}
	}
	return all, nil
}

// split parts text at a mark, but not inside of brackets or quotes.
func split(text string, mark byte) []string {
	var parts []string
	depth, from, quote := 0, 0, byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == mark && depth == 0:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

var (
	numberForm   = regexp.MustCompile(`^-?[0-9]{1,9}(\.[0-9]{1,9})?$`)
	durationForm = regexp.MustCompile(`^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`)
)

func isAmount(s string) bool { return numberForm.MatchString(s) || durationForm.MatchString(s) }

// parseSpan reads the ends of a range, which must be of one kind. The last value is the last one that is not above end.
func parseSpan(start, end, step string) (span, error) {
	u, err := unitOf(start, end, step)
	if err != nil {
		return span{}, err
	}
	var ends [3]int64
	for i, text := range []string{start, end, step} {
		if ends[i], err = u.read(text); err != nil {
			return span{}, fmt.Errorf("%q: %w", text, err)
		}
	}
	if ends[2] <= 0 || ends[1] < ends[0] {
		return span{}, fmt.Errorf("range %s:%s:%s: expected START up to END and a STEP above 0", start, end, step)
	}
	return span{start: ends[0], step: ends[2], n: (ends[1]-ends[0])/ends[2] + 1, unit: u}, nil
}

// unitOf is what all of a range's ends are: numbers with the most decimals that one has, or times, of which 0 needs no unit.
func unitOf(ends ...string) (unit, error) {
	decimals, bare, timed := 0, false, false
	for _, text := range ends {
		switch {
		case numberForm.MatchString(text):
			_, fraction, _ := strings.Cut(text, ".")
			decimals, bare = max(decimals, len(fraction)), bare || text != "0"
		case durationForm.MatchString(text):
			timed = true
		default:
			return unit{}, fmt.Errorf("%q is no number of up to nine digits and no time: expected a range as START:END:STEP, as in 0:3:0.5 or 1m:15m:2m", text)
		}
	}
	switch {
	case timed && bare:
		return unit{}, fmt.Errorf("%s mixes numbers and times: expected either, as in 0:3:0.5 or 1m:15m:2m", strings.Join(ends, ":"))
	case timed:
		return durations, nil
	}
	return numbers(decimals), nil
}

// numbers are decimals with so many places.
func numbers(decimals int) unit {
	scale := int64(math.Pow10(decimals))
	return unit{
		read: func(text string) (int64, error) {
			whole, fraction, _ := strings.Cut(text, ".")
			if !numberForm.MatchString(text) || len(fraction) > decimals {
				return 0, strconv.ErrSyntax
			}
			return strconv.ParseInt(whole+fraction+strings.Repeat("0", decimals-len(fraction)), 10, 64)
		},
		write: func(v int64) string {
			sign := ""
			if v < 0 {
				sign, v = "-", -v
			}
			text := fmt.Sprintf("%s%d.%0*d", sign, v/scale, max(decimals, 1), v%scale)
			return strings.TrimRight(strings.TrimRight(text, "0"), ".")
		},
	}
}

// durations are nanoseconds.
var durations = unit{
	read: func(text string) (int64, error) {
		d, err := time.ParseDuration(text)
		return int64(d), err
	},
	// 1m0s is written as 1m, and 1h0m0s as 1h.
	write: func(v int64) string {
		text := time.Duration(v).String()
		if cut, ok := strings.CutSuffix(text, "m0s"); ok {
			text = cut + "m"
		}
		if cut, ok := strings.CutSuffix(text, "h0m"); ok {
			text = cut + "h"
		}
		return text
	},
}
