package result

import _ "embed"

// Schema is the JSON Schema (2020-12) of a result file.
//
//go:embed result.schema.json
var Schema []byte
