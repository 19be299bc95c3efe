package sops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/getsops/sops/v3/keyservice"
	"google.golang.org/grpc"
)

// identities is the only key service that is used: native age identities in memory.
type identities []age.Identity

var errNotAge = errors.New("only native age keys are used here")

// parseIdentities reads identities, one a line; plugins and SSH keys, which would run programs or read files, are refused.
func parseIdentities(body []byte) (identities, error) {
	var found identities
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		identity, err := parseIdentity(line)
		if err != nil {
			return nil, err
		}
		found = append(found, identity)
	}
	if len(found) == 0 {
		return nil, errors.New("no age identity was given")
	}
	return found, nil
}

func parseIdentity(line string) (identity age.Identity, err error) {
	switch {
	case strings.HasPrefix(line, "AGE-SECRET-KEY-PQ-1"):
		identity, err = age.ParseHybridIdentity(line)
	case strings.HasPrefix(line, "AGE-SECRET-KEY-1"):
		identity, err = age.ParseX25519Identity(line)
	default:
		return nil, errNotAge
	}
	if err != nil {
		return nil, errors.New("an age identity is malformed") // the library's error may quote the key
	}
	return identity, nil
}

func parseRecipient(text string) (age.Recipient, error) {
	switch {
	case strings.HasPrefix(text, "age1pq1"):
		return age.ParseHybridRecipient(text)
	case strings.HasPrefix(text, "age1") && strings.Count(text, "1") == 1:
		return age.ParseX25519Recipient(text)
	}
	return nil, fmt.Errorf("%q is no native age recipient: %w", text, errNotAge)
}

// Decrypt implements keyservice.KeyServiceClient.
func (i identities) Decrypt(_ context.Context, request *keyservice.DecryptRequest, _ ...grpc.CallOption) (*keyservice.DecryptResponse, error) {
	if request.GetKey().GetAgeKey() == nil {
		return nil, errNotAge
	}
	opened, err := age.Decrypt(armor.NewReader(bytes.NewReader(request.GetCiphertext())), i...)
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(opened, 1<<16))
	return &keyservice.DecryptResponse{Plaintext: plain}, err
}

// Encrypt implements keyservice.KeyServiceClient.
func (identities) Encrypt(_ context.Context, request *keyservice.EncryptRequest, _ ...grpc.CallOption) (*keyservice.EncryptResponse, error) {
	key := request.GetKey().GetAgeKey()
	if key == nil {
		return nil, errNotAge
	}
	recipient, err := parseRecipient(key.GetRecipient())
	if err != nil {
		return nil, err
	}
	var sealed bytes.Buffer
	armored := armor.NewWriter(&sealed)
	writer, err := age.Encrypt(armored, recipient)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(request.GetPlaintext()); err != nil {
		return nil, err
	}
	if err := errors.Join(writer.Close(), armored.Close()); err != nil {
		return nil, err
	}
	return &keyservice.EncryptResponse{Ciphertext: sealed.Bytes()}, nil
}
