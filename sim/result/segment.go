package result

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// segment is a share of a run's demand, from and to between 0 and 1. Fractions are exact: thirds must add up to a whole.
type segment struct{ from, to *big.Rat }

// parseSegment reads "1/4:1/2", or "1/4" for "0:1/4".
func parseSegment(text string) (segment, error) {
	from, to, both := strings.Cut(text, ":")
	if !both {
		from, to = "0", text
	}
	s := segment{new(big.Rat), new(big.Rat)}
	_, okFrom := s.from.SetString(from)
	_, okTo := s.to.SetString(to)
	if !okFrom || !okTo || s.from.Sign() < 0 || s.to.Cmp(s.from) <= 0 || s.to.Cmp(big.NewRat(1, 1)) > 0 {
		return s, fmt.Errorf("segment %q: expected FROM:TO with fractions between 0 and 1, as 1/4:1/2", text)
	}
	return s, nil
}

func (s segment) String() string { return short(s.from) + ":" + short(s.to) }

// short writes 1/2 as 1/2 and 1/1 as 1.
func short(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return r.String()
}

// sortSegments puts the parts of one run in order of their segments, and returns the segments that are missing between 0 and 1.
func sortSegments(parts []*part) (missing []string, err error) {
	for _, p := range parts {
		if p.segment, err = parseSegment(p.run.Segment); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", p.file, p.run.name(), err)
		}
	}
	slices.SortStableFunc(parts, func(a, b *part) int { return a.segment.from.Cmp(b.segment.from) })
	end, last := new(big.Rat), ""
	for _, p := range parts {
		switch p.segment.from.Cmp(end) {
		case -1:
			return nil, fmt.Errorf("%s: segment %v of %s and segment %v of %s overlap: its orders would count twice", p.run.name(), last, parts[0].file, p.segment, p.file)
		case 1:
			missing = append(missing, segment{end, p.segment.from}.String())
		}
		end, last = p.segment.to, p.segment.String()
	}
	if one := big.NewRat(1, 1); end.Cmp(one) < 0 {
		missing = append(missing, segment{end, one}.String())
	}
	return missing, nil
}
