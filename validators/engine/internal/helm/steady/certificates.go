package steady

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"text/template"
	"time"
)

// Certificate is what genCA and its relatives hand to a template.
type Certificate struct{ Cert, Key string }

func (d *dice) certificates() template.FuncMap {
	return template.FuncMap{
		"buildCustomCert": custom,
		"genCA": func(name string, days int) (Certificate, error) {
			return d.authority(name, days, rsaKey())
		},
		"genCAWithKey": func(name string, days int, key string) (Certificate, error) {
			return withKey(key, func(signer crypto.Signer) (Certificate, error) { return d.authority(name, days, signer) })
		},
		"genSelfSignedCert": func(name string, ips, hosts []any, days int) (Certificate, error) {
			return d.leaf(name, ips, hosts, days, nil, rsaKey())
		},
		"genSelfSignedCertWithKey": func(name string, ips, hosts []any, days int, key string) (Certificate, error) {
			return withKey(key, func(signer crypto.Signer) (Certificate, error) {
				return d.leaf(name, ips, hosts, days, nil, signer)
			})
		},
		"genSignedCert": func(name string, ips, hosts []any, days int, parent Certificate) (Certificate, error) {
			return d.leaf(name, ips, hosts, days, &parent, rsaKey())
		},
		"genSignedCertWithKey": func(name string, ips, hosts []any, days int, parent Certificate, key string) (Certificate, error) {
			return withKey(key, func(signer crypto.Signer) (Certificate, error) {
				return d.leaf(name, ips, hosts, days, &parent, signer)
			})
		},
	}
}

func withKey(text string, use func(crypto.Signer) (Certificate, error)) (Certificate, error) {
	key, err := signer(text)
	if err != nil {
		return Certificate{}, fmt.Errorf("parsing private key: %w", err)
	}
	return use(key)
}

// custom takes a certificate and its key as base64 of PEM.
func custom(cert, key string) (Certificate, error) {
	certificate, err := base64.StdEncoding.DecodeString(cert)
	if err != nil {
		return Certificate{}, errors.New("unable to decode base64 certificate")
	}
	private, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return Certificate{}, errors.New("unable to decode base64 private key")
	}
	if _, _, err := (Certificate{string(certificate), string(private)}).parse(); err != nil {
		return Certificate{}, err
	}
	return Certificate{string(certificate), string(private)}, nil
}

func (c Certificate) parse() (*x509.Certificate, crypto.Signer, error) {
	block, _ := pem.Decode([]byte(c.Cert))
	if block == nil {
		return nil, nil, errors.New("unable to decode certificate")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, nil, fmt.Errorf("error parsing certificate: %w", err)
	}
	key, err := signer(c.Key)
	if err != nil {
		return nil, nil, fmt.Errorf("error parsing private key: %w", err)
	}
	return certificate, key, nil
}

func (d *dice) authority(name string, days int, key crypto.Signer) (Certificate, error) {
	form, err := d.form(name, nil, nil, days)
	if err != nil {
		return Certificate{}, err
	}
	form.IsCA = true
	form.KeyUsage |= x509.KeyUsageCertSign
	return sign(form, form, key, key)
}

// leaf makes a certificate that parent signs, or that signs itself.
func (d *dice) leaf(name string, ips, hosts []any, days int, parent *Certificate, key crypto.Signer) (Certificate, error) {
	form, err := d.form(name, ips, hosts, days)
	if err != nil {
		return Certificate{}, err
	}
	if parent == nil {
		return sign(form, form, key, key)
	}
	issuer, issuerKey, err := parent.parse()
	if err != nil {
		return Certificate{}, err
	}
	return sign(form, issuer, key, issuerKey)
}

func (d *dice) form(name string, ips, hosts []any, days int) (*x509.Certificate, error) {
	serial := make([]byte, 16)
	_, _ = d.draw("certificate", name, ips, hosts, days).Read(serial)
	serial[0] = serial[0]&0x7f | 1 // positive, and of the same length always
	form := &x509.Certificate{
		SerialNumber:          new(big.Int).SetBytes(serial),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             Now,
		NotAfter:              Now.Add(24 * time.Hour * time.Duration(days)),
		KeyUsage:              x509.KeyUsageKeyEncipherment | x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	for _, ip := range ips {
		text, ok := ip.(string)
		parsed := net.ParseIP(text)
		if !ok || parsed == nil {
			return nil, fmt.Errorf("error parsing ip: %v", ip)
		}
		form.IPAddresses = append(form.IPAddresses, parsed)
	}
	for _, host := range hosts {
		text, ok := host.(string)
		if !ok {
			return nil, fmt.Errorf("error processing alternate dns name: %v is not a string", host)
		}
		form.DNSNames = append(form.DNSNames, text)
	}
	return form, nil
}

// sign gives no source of randomness: RSA wants none, and ECDSA then signs as RFC 6979 says.
func sign(form, issuer *x509.Certificate, key, issuerKey crypto.Signer) (Certificate, error) {
	content, err := x509.CreateCertificate(nil, form, issuer, key.Public(), issuerKey)
	if err != nil {
		return Certificate{}, fmt.Errorf("error creating certificate: %w", err)
	}
	block := &pem.Block{Type: "CERTIFICATE", Bytes: content}
	return Certificate{string(pem.EncodeToMemory(block)), string(pem.EncodeToMemory(keyBlock(key)))}, nil
}
