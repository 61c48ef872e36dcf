package reports

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"strconv"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

// rawLimit is how many bytes the whole result of so many runs may have, packed, to be carried by a page; of a larger one the page holds the figures without
// the series. A run's charts take up to 65 kB, and a page of 40 runs is to stay below 3 MB.
func rawLimit(runs int) int {
	return min(max(2_900_000-65_000*runs, 200_000)*3/4, 640_000) // base64 has four bytes for three
}

// mostCarried is how many runs the page carries the figures of: a large sweep's stand in result.json alone.
const mostCarried = 2000

// download is a file that the page carries in itself.
type download struct {
	Name, About string
	Address     template.URL
}

// downloads are a result's figures as CSV and the result as JSON.
func downloads(f *result.File) ([]download, error) {
	if len(f.Runs) > mostCarried {
		return nil, nil
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, strings.ToLower(f.Scenario))
	var table bytes.Buffer
	if err := figuresCSV(&table, f); err != nil {
		return nil, err
	}
	all := []download{{name + ".csv", "a line for each run with all its figures", inline("text/csv", table.Bytes())}}
	raw, err := packed(f, rawLimit(len(f.Runs)))
	about := "the whole result, from which every report can be made again"
	if errors.Is(err, errNoRoom) {
		about = "the result without its series, histograms and stories: with them it is too large to carry along and stands in result.json"
		raw, err = packed(figuresOf(f), 0)
	}
	if err != nil {
		return nil, err
	}
	return append(all, download{name + ".json.gz", about, inline("application/gzip", raw)}), nil
}

func inline(kind string, content []byte) template.URL {
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content)) // nothing of it is markup
}

var errNoRoom = errors.New("larger than there is room for")

// bounded takes so many bytes and no more; 0: any number.
type bounded struct {
	bytes.Buffer
	most int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.most > 0 && b.Len()+len(p) > b.most {
		return 0, errNoRoom
	}
	return b.Buffer.Write(p)
}

// packed is f as gzipped JSON of at most so many bytes, or errNoRoom.
func packed(f *result.File, most int) ([]byte, error) {
	out := &bounded{most: most}
	z := gzip.NewWriter(out)
	err := errors.Join(json.NewEncoder(z).Encode(f), z.Close())
	return out.Bytes(), err
}

// figuresOf is f without what is large in it.
func figuresOf(f *result.File) *result.File {
	small := *f
	small.Runs = append([]result.Run(nil), f.Runs...)
	for i := range small.Runs {
		r := &small.Runs[i]
		r.Series, r.Histograms, r.Examples = result.Series{}, result.Histograms{}, nil
		r.Shop.UpdateP99MS, r.Shop.Pending, r.Shop.Cancelled = nil, nil, nil
	}
	return &small
}

// figuresCSV has a line for each run and a column for each figure of it, named as in the result file.
func figuresCSV(w io.Writer, f *result.File) error {
	out := csv.NewWriter(w)
	var head []string
	for i := range f.Runs {
		names, values, err := flat(&f.Runs[i])
		if err != nil {
			return err
		}
		if head == nil {
			head = names
			if err := out.Write(head); err != nil {
				return err
			}
		}
		if err := out.Write(values); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csvParts are the parts of a run that the CSV has, in its order.
func csvParts(r *result.Run) []struct {
	name string
	of   any
} {
	return []struct {
		name string
		of   any
	}{
		{"units", r.Units}, {"orders", r.Orders}, {"rates", r.Rates}, {"funnel", r.Funnel}, {"latency_ms", r.LatencyMS}, {"refused_ms", r.RefusedMS},
		{"update_latency_ms", r.UpdateLatencyMS}, {"load", r.Load}, {"money", r.Shop.Money},
	}
}

// flat names each figure of a run by its path. Counters whose names differ from run to run are left to the JSON.
func flat(r *result.Run) (names, values []string, err error) {
	add := func(name, value string) { names, values = append(names, name), append(values, value) }
	for _, text := range [][2]string{{"engine", r.Engine}, {"variant", r.Variant}, {"mode", r.Mode}, {"verdict", r.Verdict}} {
		add(text[0], spreadable(text[1]))
	}
	for _, s := range r.Settings {
		add(spreadable(s.Key), spreadable(s.Value))
	}
	add("seed", strconv.FormatUint(r.Seed, 10))
	add("valid", strconv.FormatBool(r.Valid))
	add("complete", strconv.FormatBool(r.Complete))
	add("events", strconv.FormatInt(r.Events, 10))
	for _, part := range csvParts(r) {
		text, err := json.Marshal(part.of)
		if err != nil {
			return nil, nil, err
		}
		if err := leaves(json.NewDecoder(bytes.NewReader(text)), part.name, add); err != nil {
			return nil, nil, err
		}
	}
	return names, values, nil
}

// leaves walks a JSON object in the order in which it stands and hands over its numbers and texts; maps of counters are passed over.
func leaves(dec *json.Decoder, at string, add func(name, value string)) error {
	dec.UseNumber()
	if _, err := dec.Token(); err != nil { // {
		return err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		name := at + "." + key.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		switch {
		case strings.HasSuffix(name, "_by"): // its names differ from run to run
		case len(value) > 0 && value[0] == '{':
			if err := leaves(json.NewDecoder(bytes.NewReader(value)), name, add); err != nil {
				return err
			}
		default:
			var text string
			if json.Unmarshal(value, &text) != nil { // a number
				text = string(value)
			}
			add(name, spreadable(text))
		}
	}
	return nil
}

// spreadable keeps a spreadsheet from taking a name for a formula. Numbers stay as they are.
func spreadable(text string) string {
	if _, err := strconv.ParseFloat(text, 64); err == nil || text == "" {
		return text
	}
	if strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
