// Package cause holds what is said about an object that the API server would refuse.
package cause

// Mode is how an object reaches the API server.
type Mode string

// Create is a POST with fieldValidation=Strict; ServerSide is a server-side apply, as Flux and Helm 4 do it.
const (
	Create     Mode = "create"
	ServerSide Mode = "server-side"
)

// Cause is one reason of a rejection. Field is the path as the API server writes it, Pointer the same as a JSON Pointer into the object as it
// was sent, as far as it exists there.
type Cause struct {
	Field   string `json:"field"`
	Pointer string `json:"pointer"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}
