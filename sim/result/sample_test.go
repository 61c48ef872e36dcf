package result

// sample is a small result with something in every place that a test looks at. It is test data: no engine made it.
func sample() *File {
	return &File{
		Schema:   SchemaName,
		Scenario: "sample",
		Complete: true,
		Runs: []Run{
			sampleRun("memory/naive", func(r *Run) {
				r.PromisesNoOversell, r.Units.Oversold = false, Oversold{Min: 9, Max: 12}
				r.Checks[0].Verdict = Fail
			}),
			sampleRun("memory/quota", func(r *Run) { r.Units.Stranded = 120 }),
			sampleRun("memory/queue", nil),
			sampleRun("postgres/naive", func(r *Run) { r.PromisesNoOversell, r.IsControl = false, true }),
		},
	}
}

func sampleRun(engine string, change func(*Run)) Run {
	r := Run{
		Engine: engine, Mode: Virtual, Seed: 1, PromisesNoOversell: true, Complete: true, Valid: true, Verdict: Pass,
		Rates:      Rates{Cancellation: 0.0003},
		Contention: map[string]int64{"retries": 7},
		Channels:   []Channel{{Name: "amazon", Kind: "marketplace", Asked: 10, Promised: 8, CancellationRate: 0.01}},
		Checks:     []Check{{Name: "oversold", Promised: true, Verdict: Pass}},
		Hot:        []HotSKU{{SKU: "door-1", Asked: 50, SoldOutMS: -1}},
		Examples:   []Example{{Order: 1, SKU: "door-1", Channel: "amazon"}},
	}
	if change != nil {
		change(&r)
	}
	return r
}
