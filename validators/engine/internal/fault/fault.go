// Package fault holds what is said about a fault in the user's files: data, never an error of the operation.
package fault

// Failure is why a render did not come about.
type Failure struct {
	Reason  string `json:"reason"`           // kebab-case, stable
	Message string `json:"message"`          // one sentence, in the library's own words
	Path    string `json:"path,omitempty"`   // relative to the root
	Line    int    `json:"line,omitempty"`   // from 1
	Column  int    `json:"column,omitempty"` // from 1
	Field   string `json:"field,omitempty"`  // a variable, a template or a pointer, as the reason says
}

// Problem is something wrong at a place of one file.
type Problem struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
}
