package steady

import (
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"text/template"

	"github.com/google/uuid"
)

const (
	digits  = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// printable is what randAscii draws from: every ASCII character that prints.
var printable = func() (all string) {
	for char := rune(' '); char <= '~'; char++ {
		all += string(char)
	}
	return all
}()

func (d *dice) strings() template.FuncMap {
	return template.FuncMap{
		"randAlphaNum": d.from("randAlphaNum", letters+digits),
		"randAlpha":    d.from("randAlpha", letters),
		"randNumeric":  d.from("randNumeric", digits),
		"randAscii":    d.from("randAscii", printable),
		"randBytes":    d.bytes,
		"randInt":      d.integer,
		"shuffle":      d.shuffle,
		"uuidv4":       d.uuid,
	}
}

func (d *dice) from(function, alphabet string) func(int) (string, error) {
	return func(count int) (string, error) {
		if err := limit(function, count, maxDrawn); err != nil {
			return "", err
		}
		random, drawn := rand.New(d.draw(function, count)), make([]byte, count)
		for i := range drawn {
			drawn[i] = alphabet[random.IntN(len(alphabet))]
		}
		return string(drawn), nil
	}
}

func (d *dice) bytes(count int) (string, error) {
	if err := limit("randBytes", count, maxDrawn); err != nil {
		return "", err
	}
	drawn := make([]byte, count)
	_, _ = d.draw("randBytes", count).Read(drawn)
	return base64.StdEncoding.EncodeToString(drawn), nil
}

func (d *dice) integer(low, high int) (int, error) {
	if high <= low {
		return 0, errors.New("randInt wants a maximum above its minimum")
	}
	return rand.New(d.draw("randInt", low, high)).IntN(high-low) + low, nil
}

func (d *dice) shuffle(text string) string {
	runes := []rune(text)
	rand.New(d.draw("shuffle", text)).Shuffle(len(runes), func(i, j int) { runes[i], runes[j] = runes[j], runes[i] })
	return string(runes)
}

func (d *dice) uuid() (string, error) {
	drawn, err := uuid.NewRandomFromReader(d.draw("uuidv4"))
	return drawn.String(), err
}
