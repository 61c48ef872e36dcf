package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Problem is an RFC 9457 problem: why a request was not answered as asked.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// Effect is none where nothing can have happened, and unknown where an operation may have taken effect:
	// then the outcome that the books have for it tells, or sending it again.
	Effect string `json:"effect"`
}

// Error implements error.
func (p *Problem) Error() string { return fmt.Sprintf("HTTP %d: %s: %s", p.Status, p.Title, p.Detail) }

const problemType = "application/problem+json"

// cause is a kind of problem.
type cause struct {
	name, title string
	status      int
	effect      string
}

const (
	typePrefix    = "urn:doorbuster:problem:"
	noEffect      = "none"
	unknownEffect = "unknown"
)

var (
	malformed   = cause{"malformed", "The request can't be read", http.StatusBadRequest, noEffect}
	refused     = cause{"refused", "This server was not started to allow it", http.StatusForbidden, noEffect}
	notFound    = cause{"not-found", "There is nothing at this path", http.StatusNotFound, noEffect}
	wrongMethod = cause{"method", "The path has another method", http.StatusMethodNotAllowed, noEffect}
	tooLarge    = cause{"too-large", "The request is too large", http.StatusRequestEntityTooLarge, noEffect}
	wrongMedia  = cause{"media-type", "The body is not JSON", http.StatusUnsupportedMediaType, noEffect}
	invalid     = cause{"invalid", "The content is not allowed", http.StatusUnprocessableEntity, noEffect}
	failed      = cause{"engine", "The engine failed", http.StatusInternalServerError, unknownEffect}
	busy        = cause{"busy", "Too many requests are in flight", http.StatusServiceUnavailable, noEffect}
	timedOut    = cause{"timeout", "The engine took too long", http.StatusGatewayTimeout, unknownEffect}
)

// causes are all of them.
var causes = []cause{malformed, refused, notFound, wrongMethod, tooLarge, wrongMedia, invalid, failed, busy, timedOut}

// of returns a problem of its kind.
func (c cause) of(format string, args ...any) *Problem {
	return &Problem{typePrefix + c.name, c.title, c.status, fmt.Sprintf(format, args...), c.effect}
}

// send answers with the problem.
func (p *Problem) send(w http.ResponseWriter) {
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	sendJSON(w, problemType, p.Status, p)
}

func sendJSON(w http.ResponseWriter, mediaType string, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // every type that is sent can be marshalled
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller who has gone hears nothing
}
