package steady

import (
	"crypto"
	"crypto/dsa" //nolint:staticcheck // Sprig offers it
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"sync"
)

// privateKey answers genPrivateKey. RSA keys have 2048 bits, and there is one of them: to search for primes takes long, and to seek a
// fresh one for each call shows a reader nothing more.
func (d *dice) privateKey(kind string) string {
	var key any
	var err error
	switch random := d.draw("genPrivateKey", kind); kind {
	case "", "rsa":
		key = rsaKey()
	case "dsa":
		key, err = dsaKey(random)
	case "ecdsa":
		key, err = ecdsaKey(random)
	case "ed25519":
		seed := make([]byte, ed25519.SeedSize)
		_, _ = random.Read(seed)
		key = ed25519.NewKeyFromSeed(seed)
	default:
		return "Unknown type " + kind
	}
	if err != nil {
		return "failed to generate private key: " + err.Error()
	}
	return string(pem.EncodeToMemory(keyBlock(key)))
}

// rsaKey builds the key that every certificate and RSA key of a render shares, from primes that follow from fixed seeds.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	one, exponent := big.NewInt(1), big.NewInt(65537)
	for attempt := byte(0); ; attempt++ {
		random := rand.NewChaCha8([32]byte{'r', 's', 'a', attempt})
		p, q := prime(random), prime(random)
		order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(exponent, order)
		modulus := new(big.Int).Mul(p, q)
		if d == nil || modulus.BitLen() != 2048 {
			continue
		}
		key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: modulus, E: 65537}, D: d, Primes: []*big.Int{p, q}}
		key.Precompute()
		if key.Validate() == nil {
			return key
		}
	}
})

// prime is the first one of 1024 bits at or after a drawn number whose two top bits are set.
func prime(random *rand.ChaCha8) *big.Int {
	drawn := make([]byte, 128)
	_, _ = random.Read(drawn)
	drawn[0] |= 0xc0
	drawn[127] |= 1
	candidate, two := new(big.Int).SetBytes(drawn), big.NewInt(2)
	for !candidate.ProbablyPrime(1) {
		candidate.Add(candidate, two)
	}
	return candidate
}

func ecdsaKey(random *rand.ChaCha8) (key *ecdsa.PrivateKey, err error) {
	scalar := make([]byte, 32)
	for range 8 { // a scalar above the curve's order is possible, once in four billion
		_, _ = random.Read(scalar)
		if key, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar); err == nil {
			break
		}
	}
	return key, err
}

func dsaKey(random *rand.ChaCha8) (*dsa.PrivateKey, error) {
	key := &dsa.PrivateKey{}
	if err := dsa.GenerateParameters(&key.Parameters, random, dsa.L1024N160); err != nil {
		return nil, err
	}
	return key, dsa.GenerateKey(key, random)
}

// dsaFormat is how OpenSSL writes a DSA key.
type dsaFormat struct {
	Version       int
	P, Q, G, Y, X *big.Int
}

func keyBlock(key any) *pem.Block {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	case *ecdsa.PrivateKey:
		content, _ := x509.MarshalECPrivateKey(key)
		return &pem.Block{Type: "EC PRIVATE KEY", Bytes: content}
	case *dsa.PrivateKey:
		content, _ := asn1.Marshal(dsaFormat{P: key.P, Q: key.Q, G: key.G, Y: key.Y, X: key.X})
		return &pem.Block{Type: "DSA PRIVATE KEY", Bytes: content}
	}
	content, _ := x509.MarshalPKCS8PrivateKey(key)
	return &pem.Block{Type: "PRIVATE KEY", Bytes: content}
}

// signer reads a private key that a template hands over.
func signer(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM data in input")
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("no private key for a certificate in PEM block of type %s", strings.ToValidUTF8(block.Type, ""))
	}
	if err != nil {
		return nil, fmt.Errorf("parsing private key: %w", err)
	}
	if signer, ok := key.(crypto.Signer); ok {
		return signer, nil
	}
	return nil, fmt.Errorf("a key of type %T signs nothing", key)
}
