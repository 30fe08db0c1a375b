// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode/utf16"
)

// envelope is the namespace of SOAP 1.1.
const envelope = "http://schemas.xmlsoap.org/soap/envelope/"

// maxDepth bounds the elements within each other, which the reader keeps in memory.
const maxDepth = 1000

var errEncoding = errors.New("the encoding of the request is not supported")

// A message is what a request says: the operation, which is the first element of its body, with the
// texts of its elements, and the session of the header.
type message struct {
	operation xml.Name
	session   string
	values    map[string]string
	root      bool // there is one
}

// read reads a request. The texts of its errors, which quote nothing of it, are unverified.
func read(body []byte, contentType string) (*message, error) {
	text, recoded, err := recode(body, contentType)
	if err != nil {
		return nil, err
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(charset string, from io.Reader) (io.Reader, error) {
		switch {
		case recoded || strings.EqualFold(charset, "us-ascii"):
			return from, nil
		case strings.EqualFold(charset, "iso-8859-1"):
			rest, err := io.ReadAll(from)
			return bytes.NewReader(fromLatin(rest)), err
		}
		return nil, errEncoding
	}
	m := &message{values: map[string]string{}}
	var at []xml.Name
	var chars []byte
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return m, m.incomplete()
		case err != nil:
			return nil, malformed(d, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			at, chars = append(at, token.Name), nil
			err = m.begin(at)
		case xml.EndElement:
			m.end(at, string(chars))
			at = at[:len(at)-1]
		case xml.CharData:
			chars = append(chars, token...)
			if len(at) == 0 && len(bytes.TrimSpace(token)) > 0 {
				err = errors.New("the request has text outside its envelope")
			}
		case xml.Directive:
			err = errors.New("a DOCTYPE is not allowed in a request")
		}
		if err != nil {
			return nil, err
		}
	}
}

// malformed words an error of the reader.
func malformed(d *xml.Decoder, err error) error {
	if errors.Is(err, errEncoding) {
		return errEncoding
	}
	line, _ := d.InputPos()
	return fmt.Errorf("the request is not well-formed XML (line %d)", line)
}

// begin takes the start of the last of the elements.
func (m *message) begin(at []xml.Name) error {
	switch name := at[len(at)-1]; {
	case len(at) > maxDepth:
		return fmt.Errorf("the request has more than %d elements within each other", maxDepth)
	case len(at) == 1 && m.root:
		return errors.New("the request has more than one envelope")
	case len(at) == 1 && name != xml.Name{Space: envelope, Local: "Envelope"}:
		return errors.New("the request is no envelope of " + envelope)
	case len(at) == 1:
		m.root = true
	case len(at) == 3 && m.operation.Local == "" && at[1] == xml.Name{Space: envelope, Local: "Body"}:
		m.operation = name
	}
	return nil
}

// end takes the text of the last of the elements.
func (m *message) end(at []xml.Name, text string) {
	if len(at) != 4 {
		return
	}
	switch at[1] {
	case xml.Name{Space: envelope, Local: "Header"}:
		if at[2].Local == "SessionHeader" && at[3].Local == "sessionId" {
			m.session = text
		}
	case xml.Name{Space: envelope, Local: "Body"}:
		if at[2] == m.operation {
			m.values[at[3].Local] = text
		}
	}
}

func (m *message) incomplete() error {
	switch {
	case !m.root:
		return errors.New("the request has no envelope")
	case m.operation.Local == "":
		return errors.New("the body of the request is empty")
	}
	return nil
}

// recode returns a document in UTF-8, and whether it was in what its header or its first bytes say:
// what it declares itself does not count then.
func recode(body []byte, contentType string) (text []byte, recoded bool, err error) {
	_, parameters, _ := mime.ParseMediaType(contentType)
	charset := strings.ToLower(parameters["charset"])
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(body, []byte("\xfe\xff")), bytes.HasPrefix(body, []byte("\x00<")):
		order = binary.BigEndian
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("<\x00")):
		order = binary.LittleEndian
	case charset == "iso-8859-1":
		return fromLatin(body), true, nil
	case charset == "" || charset == "utf-8" || charset == "us-ascii":
		return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), charset != "", nil
	default:
		return nil, false, errEncoding
	}
	if len(body)%2 != 0 {
		return nil, false, errors.New("the request is cut within a character")
	}
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	return []byte(strings.TrimPrefix(string(utf16.Decode(units)), "\ufeff")), true, nil
}

// fromLatin returns text of ISO-8859-1 in UTF-8.
func fromLatin(text []byte) []byte {
	runes := make([]rune, len(text))
	for i, b := range text {
		runes[i] = rune(b)
	}
	return []byte(string(runes))
}
