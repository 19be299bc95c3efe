// Package wire is how Python and gitops-engine talk over a pair of pipes.
//
// A message is one line of JSON, the header, and then the bytes of its blobs one after the other. The header names their lengths in
// "blobs"; objects travel as blobs so that neither side parses what it only passes on.
package wire

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// MaxHeader and MaxBlobs bound what one message may claim, in bytes.
const (
	MaxHeader = 64 << 20
	MaxBlobs  = 1 << 30
)

// Request asks for one operation. Args is what the operation's package documents; Blobs is what Args refers to by index.
type Request struct {
	ID    uint64          `json:"id"`
	Op    string          `json:"op"`
	Args  json.RawMessage `json:"args,omitempty"`
	Sizes []int           `json:"blobs,omitempty"`
	Blobs [][]byte        `json:"-"`
}

// Reply answers one request: either Result, or Error when the operation itself could not be carried out. A fault in the user's files is a Result.
type Reply struct {
	ID     uint64   `json:"id"`
	Result any      `json:"result,omitempty"`
	Error  string   `json:"error,omitempty"`
	Sizes  []int    `json:"blobs,omitempty"`
	Blobs  [][]byte `json:"-"`
}

// Blobs collects the bodies of a reply.
type Blobs [][]byte

// Add appends one body and returns the index that the header refers to it by.
func (b *Blobs) Add(body []byte) int {
	*b = append(*b, body)
	return len(*b) - 1
}

// Read returns the next request, or io.EOF when the other side has closed the pipe.
func Read(in *bufio.Reader) (Request, error) {
	var request Request
	header, err := line(in)
	if err != nil {
		return request, err
	}
	if err := json.Unmarshal(header, &request); err != nil {
		return request, fmt.Errorf("malformed header: %w", err)
	}
	total := 0
	for _, size := range request.Sizes {
		if size < 0 || total > MaxBlobs-size {
			return request, fmt.Errorf("blobs of more than %d bytes", MaxBlobs)
		}
		total += size
	}
	body := make([]byte, total)
	if _, err := io.ReadFull(in, body); err != nil {
		return request, fmt.Errorf("truncated blobs: %w", err)
	}
	for _, size := range request.Sizes {
		request.Blobs, body = append(request.Blobs, body[:size:size]), body[size:]
	}
	return request, nil
}

// line reads up to the newline, and refuses a header that never ends.
func line(in *bufio.Reader) ([]byte, error) {
	var header []byte
	for {
		part, err := in.ReadSlice('\n')
		header = append(header, part...)
		if err == nil {
			return header, nil
		}
		if err != bufio.ErrBufferFull {
			if err == io.EOF && len(header) > 0 {
				return nil, io.ErrUnexpectedEOF
			}
			return nil, err
		}
		if len(header) > MaxHeader {
			return nil, fmt.Errorf("header of more than %d bytes", MaxHeader)
		}
	}
}

// Write sends one reply and flushes it.
func Write(out *bufio.Writer, reply Reply) error {
	reply.Sizes = make([]int, len(reply.Blobs))
	for i, body := range reply.Blobs {
		reply.Sizes[i] = len(body)
	}
	header, err := json.Marshal(reply)
	if err != nil {
		return err
	}
	if _, err := out.Write(append(header, '\n')); err != nil {
		return err
	}
	for _, body := range reply.Blobs {
		if _, err := out.Write(body); err != nil {
			return err
		}
	}
	return out.Flush()
}
