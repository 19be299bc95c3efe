package steady

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"strings"
	"text/template"

	"golang.org/x/crypto/blowfish"
)

func (d *dice) secrets() template.FuncMap {
	return template.FuncMap{
		"bcrypt":        d.bcrypt,
		"htpasswd":      d.htpasswd,
		"encryptAES":    d.encryptAES,
		"genPrivateKey": d.privateKey,
	}
}

func (d *dice) htpasswd(user, password string) string {
	if strings.Contains(user, ":") {
		return "invalid username: " + user
	}
	return user + ":" + d.bcrypt(password)
}

// cost is bcrypt's default: two to the power of cost rounds.
const cost = 10

// radix is bcrypt's own base64.
var radix = base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)

// bcrypt hashes as golang.org/x/crypto/bcrypt does, which takes no salt from outside.
func (d *dice) bcrypt(password string) string {
	if len(password) > 72 {
		return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
	}
	salt := make([]byte, 16)
	_, _ = d.draw("bcrypt", password).Read(salt)
	key := append([]byte(password), 0)
	cipher, err := blowfish.NewSaltedCipher(key, salt)
	if err != nil {
		return "failed to encrypt string with bcrypt: " + err.Error()
	}
	for range 1 << cost {
		blowfish.ExpandKey(key, cipher)
		blowfish.ExpandKey(salt, cipher)
	}
	text := []byte("OrpheanBeholderScryDoubt")
	for block := 0; block < len(text); block += blowfish.BlockSize {
		for range 64 {
			cipher.Encrypt(text[block:], text[block:])
		}
	}
	return fmt.Sprintf("$2a$%02d$%s%s", cost, radix.EncodeToString(salt), radix.EncodeToString(text[:23]))
}

// encryptAES is AES-256 in CBC mode with PKCS#7 padding, the initial vector first.
func (d *dice) encryptAES(password, plain string) (string, error) {
	if plain == "" {
		return "", nil
	}
	key := make([]byte, 32)
	copy(key, password)
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	padding := aes.BlockSize - len(plain)%aes.BlockSize
	padded := plain + strings.Repeat(string(rune(padding)), padding)
	sealed := make([]byte, aes.BlockSize+len(padded))
	vector := sealed[:aes.BlockSize]
	_, _ = d.draw("encryptAES", password, plain).Read(vector)
	cipher.NewCBCEncrypter(block, vector).CryptBlocks(sealed[aes.BlockSize:], []byte(padded))
	return base64.StdEncoding.EncodeToString(sealed), nil
}
