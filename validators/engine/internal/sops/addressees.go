package sops

import (
	"fmt"
	"regexp"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/hcvault"
	"github.com/getsops/sops/v3/keys"
	"github.com/getsops/sops/v3/keyservice"
	"github.com/getsops/sops/v3/pgp"
	"golang.org/x/net/context"

	sopsage "github.com/getsops/sops/v3/age"

	"gitops-validate/engine/internal/fault"
)

// wrapped is the form of what Vault's transit engine answers.
var wrapped = regexp.MustCompile(`^vault:v[0-9]+:[A-Za-z0-9+/]+=*$`)

// addressees encrypt data keys: SOPS' key service, reduced to what needs no program, agent, keyring or connection. An OpenPGP public key comes with
// the request, and so does what Vault made of the data key: whoever asks may open connections, this process may not.
type addressees struct {
	keyservice.UnimplementedKeyServiceServer
	groups []sops.KeyGroup
	public map[string]*openpgp.Entity // by fingerprint
	vault  map[string]string          // the encrypted data key, by the address of Vault's key
}

func (a *addressees) client() []keyservice.KeyServiceClient {
	return []keyservice.KeyServiceClient{keyservice.NewCustomLocalClient(a)}
}

// Encrypt wraps a data key.
func (a *addressees) Encrypt(_ context.Context, request *keyservice.EncryptRequest) (*keyservice.EncryptResponse, error) {
	var body []byte
	var err error
	switch key := request.GetKey().GetKeyType().(type) {
	case *keyservice.Key_AgeKey:
		body, err = toAge(key.AgeKey.Recipient, request.Plaintext)
	case *keyservice.Key_PgpKey:
		body, err = toPGP(a.public[key.PgpKey.Fingerprint], request.Plaintext)
	case *keyservice.Key_VaultKey:
		body = []byte(a.vault[hcvault.NewMasterKey(key.VaultKey.VaultAddress, key.VaultKey.EnginePath, key.VaultKey.KeyName).ToString()])
	default:
		err = errNotNative
	}
	if err != nil {
		return nil, err
	}
	return &keyservice.EncryptResponse{Ciphertext: body}, nil
}

func toAge(recipient string, dataKey []byte) ([]byte, error) {
	if _, err := nativeRecipient(recipient); err != nil {
		return nil, err
	}
	master, err := sopsage.MasterKeyFromRecipient(recipient)
	if err != nil {
		return nil, err
	}
	err = master.Encrypt(dataKey)
	return master.EncryptedDataKey(), err
}

// addresseesOf accepts native age, OpenPGP with its public key, and Vault with what it encrypted.
func addresseesOf(args encryptArgs) (*addressees, *fault.Failure) {
	all := &addressees{public: map[string]*openpgp.Entity{}, vault: map[string]string{}}
	for _, named := range args.Recipients {
		var group sops.KeyGroup
		for _, recipient := range named {
			key, wrong := all.master(recipient)
			if wrong != "" {
				return nil, &fault.Failure{Reason: "unsupported-recipient", Message: wrong, Field: recipient.ID}
			}
			group = append(group, key)
		}
		if len(group) > 0 {
			all.groups = append(all.groups, group)
		}
	}
	return all, all.divided(args)
}

// divided says what is wrong with the groups, which share the data key.
func (a *addressees) divided(args encryptArgs) *fault.Failure {
	count := len(a.groups)
	switch {
	case count == 0:
		return &fault.Failure{Reason: "no-recipients", Message: "nobody is named who could decrypt the file", Path: args.Path}
	case args.Threshold != 0 && (count == 1 || args.Threshold < 2 || args.Threshold > count):
		return &fault.Failure{Reason: "bad-threshold", Message: fmt.Sprintf("shamir_threshold is %d, but there are %d key groups", args.Threshold, count), Field: "shamir_threshold"}
	case count > 1 && len(a.vault) > 0:
		return &fault.Failure{Reason: "unsupported-recipient", Message: "Vault cannot hold a part of a data key here: only one key group may be", Path: args.Path}
	}
	return nil
}

// master is SOPS' own key for a recipient; without one, it says what is wrong.
func (a *addressees) master(recipient Recipient) (key keys.MasterKey, wrong string) {
	switch recipient.Type {
	case sopsage.KeyTypeIdentifier:
		if _, err := nativeRecipient(recipient.ID); err == nil {
			return &sopsage.MasterKey{Recipient: recipient.ID}, ""
		}
	case pgp.KeyTypeIdentifier:
		entity, wrong := readPublicKey([]byte(recipient.Key), time.Now())
		if wrong == "" && fingerprint(entity) != recipient.ID {
			wrong = "this public key has another fingerprint: " + fingerprint(entity)
		}
		if wrong != "" {
			return nil, wrong
		}
		a.public[recipient.ID] = entity
		return pgp.NewMasterKeyFromFingerprint(recipient.ID), ""
	case hcvault.KeyTypeIdentifier:
		key, err := hcvault.NewMasterKeyFromURI(recipient.ID)
		if err != nil || key == nil || key.ToString() != recipient.ID || !wrapped.MatchString(recipient.Enc) {
			return nil, "this is not an address of a key of Vault's transit engine, with what it encrypted"
		}
		a.vault[recipient.ID] = recipient.Enc
		return key, ""
	}
	return nil, "only native age recipients (age1…, age1pq1…), OpenPGP keys and keys of Vault's transit engine are supported, not this one of type " + recipient.Type
}
