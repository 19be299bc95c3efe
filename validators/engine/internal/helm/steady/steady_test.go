package steady

import (
	"crypto/x509"
	"encoding/pem"
	"reflect"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"golang.org/x/crypto/bcrypt"
)

func render(t *testing.T, seed, text string) (string, error) {
	t.Helper()
	parsed, err := template.New("t").Funcs(sprig.TxtFuncMap()).Funcs(Functions(seed)).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = parsed.Execute(&out, nil)
	return out.String(), err
}

func TestSameSeedSameAnswer(t *testing.T) {
	for _, text := range []string{
		`{{ randAlphaNum 20 }}`, `{{ randAlpha 20 }}`, `{{ randAscii 20 }}`, `{{ randBytes 20 }}`, `{{ randInt 0 1000000000 }}`,
		`{{ uuidv4 }}`, `{{ shuffle "abcdefghijklmnop" }}`, `{{ bcrypt "x" }}`, `{{ htpasswd "u" "p" }}`, `{{ encryptAES "k" "text" }}`,
		`{{ genPrivateKey "ecdsa" }}`, `{{ genPrivateKey "ed25519" }}`, `{{ (genCA "ca" 10).Cert }}`,
		`{{ (genSelfSignedCertWithKey "a" nil nil 5 (genPrivateKey "ecdsa")).Cert }}`,
	} {
		first, err := render(t, "a", text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if again, _ := render(t, "a", text); again != first {
			t.Errorf("%s differs between two renders", text)
		}
		if other, _ := render(t, "b", text); other == first {
			t.Errorf("%s does not depend on the seed: %s", text, first)
		}
	}
}

func TestCallsOfOneRenderDiffer(t *testing.T) {
	out, _ := render(t, "a", `{{ randAlphaNum 20 }} {{ randAlphaNum 20 }}`)
	first, second, _ := strings.Cut(out, " ")
	if first == second {
		t.Error("two passwords are the same")
	}
	if alone, _ := render(t, "a", `{{ randNumeric 4 }}{{ uuidv4 }} {{ randAlphaNum 20 }}`); !strings.HasSuffix(alone, " "+first) {
		t.Error("another call moved the first password")
	}
}

func TestShapes(t *testing.T) {
	out, _ := render(t, "a", `{{ htpasswd "u" "secret" }}`)
	if err := bcrypt.CompareHashAndPassword([]byte(strings.TrimPrefix(out, "u:")), []byte("secret")); err != nil {
		t.Error(err)
	}
	if out, _ := render(t, "a", `{{ decryptAES "k" (encryptAES "k" "sixteen bytes xx") }}`); out != "sixteen bytes xx" {
		t.Errorf("decrypted %q", out)
	}
	if out, _ := render(t, "a", `{{ now | date "2006-01-02 15:04 MST" }} {{ date "2006" nil }} {{ ago now }} {{ htmlDate 0 }}`); out != "2026-01-01 00:00 UTC 2026 0s 1970-01-01" {
		t.Error(out)
	}
	if out, _ := render(t, "a", `{{ keys (dict "b" 1 "a" 2 "c" 3) }} {{ values (dict "b" 1 "a" 2 "c" 3) }}`); out != "[a b c] [2 1 3]" {
		t.Error(out)
	}
}

func TestSignedCertificateVerifies(t *testing.T) {
	out, err := render(t, "a", `{{ $ca := genCA "ca" 10 }}{{ $c := genSignedCert "web" (list "10.0.0.1") (list "web.example.org") 10 $ca }}{{ $ca.Cert }}|{{ $c.Cert }}`)
	if err != nil {
		t.Fatal(err)
	}
	authority, leaf, _ := strings.Cut(out, "|")
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(authority))
	block, _ := pem.Decode([]byte(leaf))
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := certificate.Verify(x509.VerifyOptions{Roots: pool, DNSName: "web.example.org", CurrentTime: Now}); err != nil {
		t.Error(err)
	}
}

func TestBounds(t *testing.T) {
	for _, text := range []string{
		`{{ repeat 100000000 "ab" }}`, `{{ until 50000000 }}`, `{{ untilStep 0 50000000 1 }}`, `{{ seq 50000000 }}`, `{{ seq 1 1 50000000 }}`,
		`{{ randAlpha 50000000 }}`, `{{ randBytes 50000000 }}`, `{{ indent 100000000 "x" }}`, `{{ nindent -1 "x" }}`, `{{ repeat -1 "x" }}`,
		`{{ $x := "0123456789" }}{{ range until 40 }}{{ $x = printf "%s%s" $x $x }}{{ end }}`, `{{ $x := "01" }}{{ range until 40 }}{{ $x = cat $x $x }}{{ end }}`,
		`{{ $x := "aa" }}{{ range until 40 }}{{ $x = replace "a" "aa" $x }}{{ end }}`, `{{ $x := list 1 }}{{ range until 40 }}{{ $x = concat $x $x }}{{ end }}`,
		`{{ $x := repeat 1000000 "a" }}{{ printf (repeat 100 "%[1]s") $x }}`,
		`{{ randInt 5 5 }}`, `{{ untilStep 0 9223372036854775807 1 }}`,
	} {
		if out, err := render(t, "a", text); err == nil {
			t.Errorf("%s gave %d bytes", text, len(out))
		}
	}
	if out, err := render(t, "a", `{{ repeat 3 "ab" }}{{ until 3 }}{{ untilStep 3 0 -1 }}{{ seq 2 }}{{ indent 2 "x\ny" }}{{ nindent 1 "z" }}`); err != nil || out != "ababab[0 1 2][3 2 1]1 2  x\n  y\n z" {
		t.Errorf("%q %v", out, err)
	}
}

func TestReplacementsKeepSignatures(t *testing.T) {
	original := sprig.TxtFuncMap()
	for name, function := range Functions("a") {
		ours, theirs := reflect.TypeOf(function), reflect.TypeOf(original[name])
		if strings.HasPrefix(name, "print") {
			continue // text/template's own
		}
		if theirs == nil || ours.NumIn() != theirs.NumIn() || ours.IsVariadic() != theirs.IsVariadic() {
			t.Errorf("%s: %v instead of %v", name, ours, theirs)
		}
	}
}
