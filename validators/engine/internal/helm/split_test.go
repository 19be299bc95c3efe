package helm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
)

func TestTextsAreCutWhereHelmCutsThem(t *testing.T) {
	pieces := []string{"---", "---", "\n---", "\n---\n", "\n", "\n", " ", "\t", "\r", "\f", "\u00a0", "-", "--", "a", "a: b", "# c", "\n  ---"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		text := ""
		for range random.IntN(9) {
			text += pieces[random.IntN(len(pieces))]
		}
		cut := releaseutil.SplitManifests(text)
		var want []string
		for i := range len(cut) {
			want = append(want, cut[fmt.Sprintf("manifest-%d", i)])
		}
		if got := documents(text); !slices.Equal(got, want) {
			t.Fatalf("%q\n  is cut into %q\nand not into %q", text, got, want)
		}
	}
}
