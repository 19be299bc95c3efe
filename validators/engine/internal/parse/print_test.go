package parse

import (
	"context"
	"testing"

	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/wire"
)

func TestWhatIsPrintedIsReadAsTheSame(t *testing.T) {
	for _, body := range []string{
		"{\"a\":\"\u007f \u0080 \u0085 \u009f \u00a0 \u2028 \u2029 \ufeff \uffff \U0001f642\"}", `{"a":"\u0001\u001b\r\n"}`, `{"a":"plain","b":[1,1.5,true,null]}`,
	} {
		_, blobs, err := Print(context.Background(), nil, wire.Request{Blobs: [][]byte{[]byte(body)}})
		if err != nil {
			t.Errorf("%q: %s", body, err)
			continue
		}
		var want, got any
		if err := yaml.Unmarshal(blobs[0], &got); err != nil {
			t.Errorf("%q: %s", blobs[0], err)
		}
		_ = yaml.Unmarshal(Escape([]byte(body)), &want)
		one, _ := yaml.Marshal(got)
		other, _ := yaml.Marshal(want)
		if string(one) != string(other) {
			t.Errorf("%q: %q %q", body, one, other)
		}
	}
}
