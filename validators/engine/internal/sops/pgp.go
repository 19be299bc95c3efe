package sops

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// largestKey is in bytes: a public key without the signatures of others has a few thousand.
const largestKey = 1 << 20

// PublicKey is the answer to `pgp`; without problems, blob 0 is the key, armoured, with no more than it needs.
type PublicKey struct {
	Fingerprint string          `json:"fingerprint"`
	Name        string          `json:"name"`    // its primary user id
	Expires     string          `json:"expires"` // from when nothing can be encrypted to it any more; "" for never
	Problems    []fault.Problem `json:"problems"`
}

// PGP answers `pgp`: blob 0 is an armoured OpenPGP public key. No keyring, agent or server has a part in it.
func PGP(_ context.Context, _ *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	if len(request.Blobs) != 1 {
		return nil, nil, errors.New("one blob is needed, the public key")
	}
	now := time.Now()
	entity, wrong := readPublicKey(request.Blobs[0], now)
	if wrong != "" {
		return PublicKey{Problems: []fault.Problem{{Reason: "bad-pgp-key", Message: wrong}}}, nil, nil
	}
	body, err := armoured(entity)
	if err != nil {
		return nil, nil, errors.New("the public key cannot be written")
	}
	answer := PublicKey{Fingerprint: fingerprint(entity), Expires: expiry(entity, now), Problems: []fault.Problem{}}
	if identity := entity.PrimaryIdentity(); identity != nil {
		answer.Name = identity.Name
	}
	return answer, wire.Blobs{body}, nil
}

// readPublicKey is the one key of a file, if data keys can be encrypted to it now; else it says what is wrong.
func readPublicKey(body []byte, now time.Time) (entity *openpgp.Entity, wrong string) {
	defer func() {
		if recover() != nil {
			entity, wrong = nil, "this is no OpenPGP key"
		}
	}()
	switch {
	case len(body) > largestKey:
		return nil, "this is larger than a megabyte, which no public key needs"
	case bytes.Contains(body, []byte("PRIVATE KEY")):
		return nil, privateKey
	case bytes.Count(body, []byte("-----BEGIN PGP")) > 1:
		return nil, "more than one key stands here: export one"
	}
	found, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(body))
	if err != nil || len(found) == 0 {
		return nil, "this is no armoured OpenPGP public key: `gpg --armor --export FINGERPRINT` prints one"
	}
	if len(found) > 1 {
		return nil, "more than one key stands here: export one"
	}
	return found[0], unfit(found[0], now)
}

const privateKey = "this is a private key, and now others may have seen it: make a new one, and give its public half"

// unfit says why nothing can be encrypted to a key now; "" if it can.
func unfit(entity *openpgp.Entity, now time.Time) string {
	self, _ := entity.PrimarySelfSignature()
	_, can := entity.EncryptionKey(now)
	switch {
	case entity.PrivateKey != nil || slices.ContainsFunc(entity.Subkeys, func(sub openpgp.Subkey) bool { return sub.PrivateKey != nil }):
		return privateKey
	case entity.PrimaryKey.Version != 4:
		return "this key is of a version that GnuPG as SOPS calls it does not know: make one of version 4"
	case entity.Revoked(now):
		return "this key was revoked: ask its owner for the next one"
	case self != nil && (entity.PrimaryKey.KeyExpired(self, now) || self.SigExpired(now)):
		return "this key expired: ask its owner for a copy with a later date"
	case !can:
		return "this key has no subkey that can be encrypted to now: each expired, was revoked, or is for something else"
	}
	return ""
}

// expiry is when the primary key or the subkey that is used expires, whichever comes first.
func expiry(entity *openpgp.Entity, now time.Time) string {
	key, _ := entity.EncryptionKey(now)
	self, _ := entity.PrimarySelfSignature()
	var dates []time.Time
	if self.KeyLifetimeSecs != nil && *self.KeyLifetimeSecs != 0 {
		dates = append(dates, entity.PrimaryKey.CreationTime.Add(time.Duration(*self.KeyLifetimeSecs)*time.Second))
	}
	if lifetime := key.SelfSignature.KeyLifetimeSecs; lifetime != nil && *lifetime != 0 {
		dates = append(dates, key.PublicKey.CreationTime.Add(time.Duration(*lifetime)*time.Second))
	}
	if len(dates) == 0 {
		return ""
	}
	return slices.MinFunc(dates, time.Time.Compare).UTC().Format(time.RFC3339)
}

func fingerprint(entity *openpgp.Entity) string {
	return strings.ToUpper(hex.EncodeToString(entity.PrimaryKey.Fingerprint))
}

func armoured(entity *openpgp.Entity) ([]byte, error) {
	return inArmor(openpgp.PublicKeyType, func(out io.Writer) error { return entity.Serialize(out) })
}

// toPGP is what SOPS' pgp key holds: the data key as an armoured message, which `gpg --decrypt` opens.
func toPGP(entity *openpgp.Entity, dataKey []byte) ([]byte, error) {
	return inArmor("PGP MESSAGE", func(out io.Writer) error {
		message, err := openpgp.Encrypt(out, []*openpgp.Entity{entity}, nil, &openpgp.FileHints{IsBinary: true}, nil)
		if err != nil {
			return err
		}
		if _, err := message.Write(dataKey); err != nil {
			return err
		}
		return message.Close()
	})
}

func inArmor(kind string, write func(io.Writer) error) ([]byte, error) {
	var out bytes.Buffer
	around, err := armor.Encode(&out, kind, nil)
	if err != nil {
		return nil, err
	}
	if err := write(around); err != nil {
		return nil, err
	}
	if err := around.Close(); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
