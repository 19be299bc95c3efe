package worker

import (
	"bytes"
	"strings"
)

// origin names the line that panicked: the first frame below the runtime's own.
func origin(stack []byte) string {
	panicked := false
	for _, line := range strings.Split(string(bytes.TrimSpace(stack)), "\n") {
		if strings.HasPrefix(line, "panic(") {
			panicked = true
			continue
		}
		if file := strings.TrimSpace(line); panicked && strings.HasPrefix(line, "\t") && !strings.Contains(file, "/runtime/") {
			return strings.SplitN(file, " ", 2)[0]
		}
	}
	return "an unknown place"
}
