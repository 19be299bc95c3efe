package expression

import (
	"strings"
	"testing"
)

func TestWhatFluxTakes(t *testing.T) {
	both := []string{"self", "dep"}
	for _, each := range []struct {
		text      string
		variables []string
		fault     string
	}{
		{"status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')", nil, ""},
		{"has(status.phase) && status.phase in ['Ready']", nil, ""},
		{"status.conditions.exists(e, e.type == 'Ready'", nil, "Syntax error"},
		{"status.phase = 'Ready'", nil, "Syntax error"},
		{"dep.metadata.?labels[?'version'].orValue('') == self.metadata.labels['version']", both, ""},
		{"other.status.ready", both, "undeclared reference"},
		{"size('ready')", both, "type int, not bool"},
		{strings.Repeat("(", longest+1), nil, "bytes"},
		{strings.Repeat("(", longest-1), nil, "expression"},
	} {
		err := read(each.text, each.variables)
		if each.fault == "" && err != nil || each.fault != "" && (err == nil || !strings.Contains(err.Error(), each.fault)) {
			t.Errorf("%.60s: %v, expected %q", each.text, err, each.fault)
		}
	}
}
