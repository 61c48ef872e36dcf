package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProspect has binaries that can't be started: whoever started one would get an error.
func TestProspect(t *testing.T) {
	for _, p := range products {
		t.Run(p.name, func(t *testing.T) {
			t.Setenv(p.env, "")
			dir := t.TempDir()
			t.Setenv("PATH", dir)
			p.globs = nil
			unavailable := new(Unavailable)
			if said, err := prospect(t.Context(), Options{}, p); !errors.As(err, &unavailable) {
				t.Errorf("without binaries: %q, %v: want an Unavailable", said, err)
			}
			for _, name := range p.binaries {
				if err := os.WriteFile(filepath.Join(dir, name), []byte("no program"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			said, err := prospect(t.Context(), Options{}, p)
			if err != nil || !strings.Contains(said, filepath.Join(dir, p.binaries[0])) {
				t.Errorf("with binaries: %q, %v", said, err)
			}
			t.Setenv(p.env, fmt.Sprintf("%s://u:%s@127.0.0.1:%d", strings.ToLower(p.name), secret, closedPort(t)))
			if said, err := prospect(t.Context(), Options{}, p); err == nil || errors.As(err, &unavailable) || strings.Contains(err.Error(), secret) {
				t.Errorf("nobody listens at the URL: %q, %v", said, err)
			}
		})
	}
}

func TestProspectOfAServerThatAnswers(t *testing.T) {
	eachProduct(t, func(t *testing.T, ctx context.Context, p product) {
		s := mustFind(ctx, t, p)
		t.Setenv(p.env, s.URL)
		said, err := prospect(ctx, Options{}, p)
		if err != nil || !strings.HasPrefix(said, s.Version) || strings.Contains(said, s.URL) {
			t.Errorf("got %q, %v: want version %s and no password", said, err, s.Version)
		}
	})
}
