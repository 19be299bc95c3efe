package sops

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/keyservice"
	"golang.org/x/net/context"

	sopsage "github.com/getsops/sops/v3/age"

	"gitops-validate/engine/internal/fault"
)

var (
	errNotNative = errors.New("not a native age key")
	lineNumber   = regexp.MustCompile(`line \d+`)
)

// identities reads a file of native age keys, X25519 or post-quantum. Plugins are programs: they are refused.
func identities(blobs [][]byte) ([]age.Identity, *fault.Problem) {
	if len(blobs) == 0 {
		return nil, &fault.Problem{Reason: "bad-identities", Message: "no age identity was given"}
	}
	found, err := age.ParseIdentities(bytes.NewReader(blobs[len(blobs)-1]))
	if err != nil {
		message := "these are not native age identities"
		if at := lineNumber.FindString(err.Error()); at != "" {
			message = at + " of the age keys is not a native age identity"
		}
		return nil, &fault.Problem{Reason: "bad-identities", Message: message}
	}
	return found, nil
}

// nativeRecipient parses what age itself encrypts for. Plugins, which are programs, and SSH keys are errNotNative.
func nativeRecipient(text string) (age.Recipient, error) {
	switch {
	case strings.HasPrefix(text, "age1pq1"):
		return age.ParseHybridRecipient(text)
	case strings.HasPrefix(text, "ssh-"), strings.HasPrefix(text, "age1") && strings.Count(text, "1") > 1:
		return nil, errNotNative
	}
	return age.ParseX25519Recipient(text)
}

// openers decrypt data keys: SOPS' key service, reduced to native age. No program, agent, file, variable or address has a part in it.
type openers struct {
	keyservice.UnimplementedKeyServiceServer
	identities []age.Identity
	refused    bool // an identity fits, but the data key is damaged
}

func (o *openers) client() []keyservice.KeyServiceClient {
	return []keyservice.KeyServiceClient{keyservice.NewCustomLocalClient(o)}
}

// Decrypt unwraps a data key.
func (o *openers) Decrypt(_ context.Context, request *keyservice.DecryptRequest) (*keyservice.DecryptResponse, error) {
	if _, is := request.GetKey().GetKeyType().(*keyservice.Key_AgeKey); !is {
		return nil, errNotNative
	}
	plain, err := age.Decrypt(armor.NewReader(bytes.NewReader(request.Ciphertext)), o.identities...)
	var mismatch *age.NoIdentityMatchError
	if errors.As(err, &mismatch) {
		return nil, err
	}
	var key []byte
	if err == nil {
		key, err = io.ReadAll(plain)
	}
	if err != nil {
		o.refused = true
		return nil, err
	}
	return &keyservice.DecryptResponse{Plaintext: key}, nil
}

// unlock recovers the data key, or says why it cannot: there is no native age key to try, none of ours fits, or the data key is damaged.
func (f *file) unlock(own []age.Identity) ([]byte, *fault.Problem) {
	service := &openers{identities: own}
	metadata := f.metadata
	key, err := metadata.GetDataKeyWithKeyServices(service.client(), sops.DefaultDecryptionOrder)
	place := f.place(0, "/sops", false)
	problem := fault.Problem{Line: place.Line, Column: place.Column}
	switch {
	case err == nil && len(key) == 32:
		return key, nil
	case err == nil || service.refused:
		problem.Reason, problem.Message = "data-key-altered", "the data key is damaged"
	case f.nativeGroups() < f.required():
		problem.Reason, problem.Message = "key-not-available", "the data key cannot be had with native age keys alone"
	default:
		problem.Reason, problem.Message = "no-key", "none of the given age identities opens this file"
	}
	return nil, &problem
}

// required is how many key groups must open.
func (f *file) required() int {
	if len(f.metadata.KeyGroups) > 1 {
		return f.metadata.ShamirThreshold
	}
	return 1
}

func (f *file) nativeGroups() int {
	count := 0
	for _, group := range f.metadata.KeyGroups {
		for _, key := range group {
			if key, is := key.(*sopsage.MasterKey); is {
				if _, err := nativeRecipient(key.Recipient); err == nil {
					count++
					break
				}
			}
		}
	}
	return count
}
