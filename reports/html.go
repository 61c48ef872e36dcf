package reports

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/doorbuster/doorbuster/sim/result"
)

//go:embed page.css page.html parts.html shop.html sweep.html compare.html
var pageFiles embed.FS

var pageTemplate = template.Must(template.New("").Funcs(template.FuncMap{
	"count": count, "percent": percent, "millis": millis, "duration": duration, "seconds": seconds, "clock": clock,
	"exactClock": exactClock, "oversold": oversold, "kind": kindOfFigure, "share": func(x float64) string { return trimmed(x, 4) },
	"word":    func(s string) string { return strings.ReplaceAll(s, "_", " ") },
	"meaning": func(check string) string { return checkMeanings[check] }, "replayed": replayed, "days": days,
	"n": func(i int) int64 { return int64(i) }, "whole": whole, "margin": margin, "downloads": downloads,
	"micros": func(us float64) string { return trimmed(us, 0) + nbsp + "µs" },
}).ParseFS(pageFiles, "*.html"))

// page is what the template shows.
type page struct {
	Title       string
	Style       template.CSS
	Comparisons []*comparisonView
	Sweeps      []*sweepView
	Sides       *table        // several comparisons beside each other
	Backends    *backendsView // the same strategies on several backends; nil: none
	Files       []*result.File
	Terms       []term
}

// HTML writes files as one page that needs nothing else: no network, no script. Runs that met the same demand in the same kind of
// time are ranked together, others are shown one after the other, with a table that puts them side by side. It is an error if there is no run.
func HTML(w io.Writer, files []*result.File) error {
	p := page{Files: files, Terms: glossary, Backends: backendsOf(files)}
	css, err := pageFiles.ReadFile("page.css")
	if err != nil {
		return err
	}
	p.Style = template.CSS(css) // our own file
	comparisons := comparisonsOf(files)
	if p.Sweeps, err = sweepViews(files); err != nil {
		return err
	}
	if len(comparisons)+len(p.Sweeps) == 0 {
		return errors.New("report: the result has no run to show")
	}
	for i, c := range comparisons {
		view, err := viewOf(c, i+1)
		if err != nil {
			return err
		}
		p.Comparisons = append(p.Comparisons, view)
	}
	if slices.ContainsFunc(comparisons, (*comparison).Broad) {
		p.Terms = slices.Concat(glossary, shopGlossary)
	}
	p.Title = title(files)
	if len(comparisons) > 1 {
		p.Sides = sideBySide(comparisons)
	}
	out := bufio.NewWriter(w)
	if err := pageTemplate.ExecuteTemplate(out, "page.html", p); err != nil {
		return err
	}
	return out.Flush()
}

func title(files []*result.File) string {
	var names []string
	for _, f := range files {
		if !slices.Contains(names, f.Scenario) {
			names = append(names, f.Scenario)
		}
	}
	return listed(names)
}

// sideBySide has a row for each engine and a column for each comparison.
func sideBySide(all []*comparison) *table {
	t := &table{Caption: "Units oversold, orders refused falsely, and 99th percentile of latency", Head: []string{"strategy"}}
	var names []string
	for _, c := range all {
		t.Head = append(t.Head, c.Label)
		for _, s := range c.Scores {
			if !slices.Contains(names, s.Name()) {
				names = append(names, s.Name())
			}
		}
	}
	for _, name := range names {
		row := []string{name}
		for _, c := range all {
			row = append(row, sideCell(c, name))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func sideCell(c *comparison, name string) string {
	i := slices.IndexFunc(c.Scores, func(s *score) bool { return s.Name() == name })
	if i < 0 {
		return "not run"
	}
	s := c.Scores[i]
	mark := ""
	if s == c.Best {
		mark = "★ "
	}
	return fmt.Sprintf("%s%s oversold · %s falsely · %s (%s)", mark, oversold(s.Oversold), percent(s.FalseShare), duration(s.P99), s.Word())
}

// listed joins names as "a, b and c".
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
