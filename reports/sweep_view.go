package reports

import (
	"fmt"

	"github.com/doorbuster/doorbuster/sim/result"
)

// sweepView is a sweep with everything that its part of the page shows.
type sweepView struct {
	*sweepResult
	ID        int
	Tiles     []tile
	Chart     figure
	Front     *table
	Tornado   figure
	Strengths *table // what each key changes
	Ranking   *table
	Unranked  *table // nil: every point is ranked
}

// mostRanked is how many points the page lists: the result file has them all.
const mostRanked = 50

func sweepViewOf(f *result.File, id int) (*sweepView, error) {
	v := &sweepView{sweepResult: sweepOf(f), ID: id}
	v.Tiles, v.Ranking, v.Unranked = v.tiles(), v.ranking(mostRanked), v.unranked(mostRanked)
	if len(v.Points) > 0 {
		v.Front = v.frontierTable()
	}
	if len(v.Keys) > 0 && len(v.Points) > 0 {
		v.Strengths = v.sensitivityTable()
	}
	var err error
	if v.Chart, err = v.frontierChart(); err != nil {
		return nil, err
	}
	v.Chart.Data = nil // it stands open below the chart
	if v.Tornado, err = v.tornado(); err != nil {
		return nil, err
	}
	v.Tornado.Data = nil
	return v, nil
}

// sweepViews are those of the files that are sweeps.
func sweepViews(files []*result.File) ([]*sweepView, error) {
	var all []*sweepView
	for _, f := range files {
		if !f.Sweep.Is() {
			continue
		}
		v, err := sweepViewOf(f, len(all)+1)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

func (s *sweepResult) tiles() []tile {
	if s.Best == nil {
		return nil
	}
	b, kind := s.Best, kindOfFigure(s.Best.Runs[0].Mode)
	note := func(p paired, o outcome) string {
		if p.seeds < 2 {
			return "one seed: no interval"
		}
		return fmt.Sprintf("95"+nbsp+"%%: %s to %s, over %d seeds", o.write(max(0, p.low)), o.write(p.high), p.seeds)
	}
	tiles := []tile{
		{Name: "Orders promised and then cancelled", Value: percent(b.Cancelled.mean), Note: note(b.Cancelled, brokenPromises), Kind: kind},
		{Name: "Orders refused although stock was there", Value: percent(b.Lost.mean), Note: note(b.Lost, lostSales), Kind: kind},
	}
	if worst := s.eligible()[len(s.eligible())-1]; worst != b {
		tiles[0].Against, tiles[1].Against = "ranked last: "+percent(worst.Cancelled.mean), "ranked last: "+percent(worst.Lost.mean)
		tiles = append([]tile{{Name: capital(s.Aim.Name), Value: s.Aim.write(b.Aim.mean), Note: note(b.Aim, s.Aim), Against: "ranked last: " + s.Aim.write(worst.Aim.mean), Kind: kind, Tone: "good"}}, tiles...)
	}
	return append(tiles, tile{Name: "Points not shown to be worse", Value: count(int64(len(s.asGood()))), Note: fmt.Sprintf("of %d ranked, seed by seed", len(s.eligible())), Kind: kind})
}

// ranking lists the best points.
func (s *sweepResult) ranking(most int) *table {
	ranked := s.eligible()
	if len(ranked) == 0 {
		return nil
	}
	n := min(most, len(ranked))
	t := &table{Caption: fmt.Sprintf("The best %d of %s", n, plural(int64(len(ranked)), "point")), Head: []string{s.keysShort(), "rank"}}
	if n == len(ranked) {
		t.Caption = "All points that may be recommended, best first"
	}
	if s.Costed() {
		t.Head = append(t.Head, s.Aim.Name)
	}
	t.Head = append(t.Head, lostSales.Name, brokenPromises.Name, oversoldHead, "seeds")
	for i, p := range ranked[:n] {
		row := []string{s.short(p), count(int64(i + 1))}
		if s.Costed() {
			row = append(row, briefly(s.Aim, p.Aim))
		}
		t.Rows = append(t.Rows, append(row, briefly(lostSales, p.Lost), briefly(brokenPromises, p.Cancelled), oversold(p.oversold()), count(int64(len(p.Runs)))))
	}
	return t
}

const oversoldHead = "oversold units, worst seed"

// oversold is that of the worst seed.
func (p *sweepPoint) oversold() (worst result.Oversold) {
	for _, r := range p.Runs {
		worst.Min, worst.Max = max(worst.Min, r.Units.Oversold.Min), max(worst.Max, r.Units.Oversold.Max)
	}
	return worst
}

// unranked lists the points that may not be recommended, and why: those that broke a promise first.
func (s *sweepResult) unranked(most int) *table {
	unfit := s.Points[len(s.eligible()):]
	all := len(unfit) + len(s.LeftOut)
	if all == 0 {
		return nil
	}
	t := &table{Caption: fmt.Sprintf("Not ranked: %s", plural(int64(all), "point")), Head: []string{s.keysShort(), "why"}}
	for _, p := range unfit {
		t.Rows = append(t.Rows, []string{s.short(p), p.Unfit})
	}
	for _, p := range s.LeftOut {
		t.Rows = append(t.Rows, []string{s.short(p), p.whyNot()})
	}
	t.Rows = t.Rows[:min(most, len(t.Rows))]
	return t
}
