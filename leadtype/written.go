// SPDX-License-Identifier: Apache-2.0

package leadtype

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/leadsync/leadsync/internal/value"
	"github.com/leadsync/leadsync/salesforce"
)

// A Written is what a connection remembers of the values that it last wrote to the fields
// of one record: of each a short digest, and when the lead was captured that it came from.
// The digest is keyed by the record's id and shows only whether a value that is known is
// the same. It is text of about 13 characters a value, which Stores keep as it is; text
// that has another form remembers nothing. The zero value remembers nothing.
//
// The text is a character that counts times, the times with 6 characters each, and the
// values with 12 each: a digest of the field's name, one of the value, and which time.
type Written string

// A Hold says what is known of the value that a field of a record has.
type Hold int

// What may be known of a value.
const (
	// HoldUnknown: the connection has written none, as far as is remembered.
	HoldUnknown Hold = iota
	// HoldOurs: the connection wrote it, and at most its form was changed since.
	HoldOurs
	// HoldEdited: the connection wrote another one, and a user has changed or removed it.
	HoldEdited
)

const (
	nameSize    = 3
	notedSize   = nameSize + value.FieldDigestSize + 1
	notedLength = notedSize * 4 / 3 // of a value in base64
	timeLength  = 6                 // of a time in base64
	maxTimes    = 63
	openMark    = 0x80 // of a value whose write has no response
	addedMark   = 0x40 // of a text that was appended
	maxOfField  = 3    // values of one field: before and after writes without a response
	minTexts    = 3    // texts of one field that are always kept
	maxNoted    = 24   // values of a record beyond which more texts are dropped, the oldest first
	maxBeside   = 16   // values of one field of which it is not known which came last
)

// Marks are entries in the place of fields.
const (
	sentMark     = "\x00sent"     // when a write was last sent that has no response
	answeredMark = "\x00answered" // no such write is to be expected any more
	revertedMark = "\x00reverted" // when a revert last restored values
)

// formMark follows the name of a field in the entry for the form of its value.
const formMark = "\x00form"

// writtenEpoch is 2000-01-01 in Unix seconds, from which times count. Zero is unknown.
const writtenEpoch = 946684800

// A noted is one value of a Written.
type noted struct {
	name   [nameSize]byte // a digest of the field's name
	digest [value.FieldDigestSize]byte
	time   uint32 // in seconds since writtenEpoch
	open   bool   // the write has no response
	added  bool   // it is a text that was appended to what the field has
}

// at is when the lead was captured, zero where that is not known.
func (n *noted) at() time.Time {
	if n.time == 0 {
		return time.Time{}
	}
	return time.Unix(writtenEpoch+int64(n.time), 0).UTC()
}

// newNoted returns a value of a field of a record.
func newNoted(record salesforce.ID, field, folded string, capturedAt time.Time) noted {
	return notedOf(field, value.FieldDigest(string(record), field, folded), capturedAt)
}

// notedOf returns a value of a field of which there is the digest.
func notedOf(field string, digest [value.FieldDigestSize]byte, capturedAt time.Time) noted {
	n := noted{name: nameSum(field), digest: digest}
	if !capturedAt.IsZero() {
		const latest = 1<<32 - 1
		n.time = uint32(min(max(capturedAt.Unix()-writtenEpoch, 0), latest)) //nolint:gosec // bounded
	}
	return n
}

// isMark reports whether it is of no field.
func (n *noted) isMark() bool {
	return slices.ContainsFunc([]string{sentMark, answeredMark, revertedMark}, func(mark string) bool {
		return n.name == nameSum(mark)
	})
}

func nameSum(field string) [nameSize]byte {
	var buffer [64]byte
	lower := append(buffer[:0], field...)
	for i, c := range lower {
		if c >= utf8.RuneSelf {
			lower = []byte(strings.ToLower(field))
			break
		}
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	sum := sha256.Sum256(lower)
	return [nameSize]byte(sum[:nameSize])
}

// split returns the texts of the times and of the values.
func (w Written) split() (times, values Written) {
	if w == "" {
		return "", ""
	}
	count := strings.IndexByte(alphabet, w[0])
	end := 1 + count*timeLength
	if count < 0 || len(w) < end || (len(w)-end)%notedLength != 0 {
		return "", ""
	}
	return w[1:end], w[end:]
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// list returns the values in a new slice with room for one more.
func (w Written) list() []noted {
	return slices.AppendSeq(make([]noted, 0, len(w)/notedLength+1), w.all)
}

// all iterates over the values.
func (w Written) all(yield func(noted) bool) {
	times, values := w.split()
	for ; len(values) > 0; values = values[notedLength:] {
		var raw [notedSize]byte
		if !decode64(raw[:], values[:notedLength]) {
			continue
		}
		n := noted{open: raw[notedSize-1]&openMark != 0, added: raw[notedSize-1]&addedMark != 0}
		copy(n.name[:], raw[:])
		copy(n.digest[:], raw[nameSize:])
		var seconds [4]byte
		if at := int(raw[notedSize-1]&^(openMark|addedMark)) * timeLength; at+timeLength <= len(times) &&
			decode64(seconds[:], times[at:at+timeLength]) {
			n.time = binary.BigEndian.Uint32(seconds[:])
		}
		if !yield(n) {
			return
		}
	}
}

// decode64 decodes a short text.
func decode64(to []byte, text Written) bool {
	var from [notedLength]byte
	_, err := base64.RawURLEncoding.Decode(to, from[:copy(from[:], text)])
	return err == nil
}

// open reports whether a value is one whose write had no response.
func (w Written) open() bool {
	for n := range w.all {
		if n.open {
			return true
		}
	}
	return false
}

// marked returns the time of a mark, zero where there is none.
func (w Written) marked(mark string) time.Time {
	if w == "" {
		return time.Time{}
	}
	name := nameSum(mark)
	for n := range w.all {
		if n.name == name {
			return n.at()
		}
	}
	return time.Time{}
}

// newWritten returns the text of values.
func newWritten(values []noted) Written {
	if len(values) == 0 {
		return ""
	}
	times := make([]uint32, 0, 4)
	for i := range values {
		if !slices.Contains(times, values[i].time) {
			times = append(times, values[i].time)
		}
	}
	slices.Sort(times) // the oldest ones beyond maxTimes count as the next
	times = times[max(0, len(times)-maxTimes):]
	var some [1 + 4*timeLength + maxNoted*notedLength]byte
	text := append(some[:0], alphabet[len(times)])
	for _, at := range times {
		seconds := encodeTime(at)
		text = append(text, seconds[:]...)
	}
	for i := range values {
		entry := values[i].encode(max(0, slices.Index(times, values[i].time)))
		text = append(text, entry[:]...)
	}
	return Written(text)
}

// with returns w with a value behind the others. It returns false where that is not all there is to
// do: w has a value of the field already, lacks the time, or has as many values as it may.
func (w Written) with(n *noted) (Written, bool) {
	times, values := w.split()
	at := timeIndex(times, n.time)
	if at < 0 || len(values) >= maxNoted*notedLength {
		return w, false
	}
	entry := n.encode(at)
	const name = nameSize * 4 / 3
	for ; len(values) > 0; values = values[notedLength:] {
		if string(values[:name]) == string(entry[:name]) {
			return w, false
		}
	}
	return w + Written(entry[:]), true
}

// timeIndex returns which of the times of a text is one, -1 for none.
func timeIndex(times Written, seconds uint32) int {
	one := encodeTime(seconds)
	for at := 0; at < len(times); at += timeLength {
		if string(times[at:at+timeLength]) == string(one[:]) {
			return at / timeLength
		}
	}
	return -1
}

func encodeTime(seconds uint32) (text [timeLength]byte) {
	var raw [4]byte
	binary.BigEndian.PutUint32(raw[:], seconds)
	base64.RawURLEncoding.Encode(text[:], raw[:])
	return text
}

// encode returns the text of a value, whose time is at that index.
func (n *noted) encode(at int) (text [notedLength]byte) {
	var raw [notedSize]byte
	copy(raw[:], n.name[:])
	copy(raw[nameSize:], n.digest[:])
	raw[notedSize-1] = byte(at) //nolint:gosec // below maxTimes
	if n.open {
		raw[notedSize-1] |= openMark
	}
	if n.added {
		raw[notedSize-1] |= addedMark
	}
	base64.RawURLEncoding.Encode(text[:], raw[:])
	return text
}

// merge returns the values of w with later ones in their place. Those of writes without a
// response are beside them: Salesforce may carry such a write out after a later one.
func (w Written) merge(later Written) Written {
	switch {
	case later == "" || w == later:
		return w
	case w == "":
		return later
	}
	return newWritten(mergeNoted(w.list(), later.list()))
}

// mergeNoted merges values.
func mergeNoted(earlier, later []noted) []noted {
	merged, answered := earlier, nameSum(answeredMark)
	if slices.ContainsFunc(later, func(n noted) bool { return n.name == answered }) {
		sent := nameSum(sentMark)
		merged = slices.DeleteFunc(merged, func(old noted) bool {
			return (old.open || old.name == sent) && !slices.Contains(later, old)
		})
	}
	for _, n := range later {
		switch {
		case n.added:
			merged = withText(merged, n)
			continue
		case slices.Contains(merged, n), n.name == answered && len(earlier) > 0:
			continue
		case !n.open:
			merged = slices.DeleteFunc(merged, func(old noted) bool {
				return old.name == n.name && (!old.open || old.digest == n.digest) && !slices.Contains(later, old)
			})
		}
		merged = append(merged, n)
		if countOf(merged, &n) > maxOfField {
			merged = withoutFirst(merged, n.isBeside)
		}
	}
	for over := true; over && len(merged) > maxNoted; {
		before := len(merged)
		merged = withoutFirst(merged, func(n noted) bool { return n.added && countOf(merged, &n) > minTexts })
		over = len(merged) < before
	}
	return merged
}

// withText returns values with a text that was appended as the last one of its field. The texts
// of a field share the time of the last one, which keeps them short.
func withText(values []noted, n noted) []noted {
	values = slices.DeleteFunc(values, func(old noted) bool { return old.isBeside(n) && old.digest == n.digest })
	for i := range values {
		if values[i].isBeside(n) {
			values[i].time = n.time
		}
	}
	return append(values, n)
}

// withoutFirst returns values without the first one that fits.
func withoutFirst(values []noted, fits func(noted) bool) []noted {
	if i := slices.IndexFunc(values, fits); i >= 0 {
		values = slices.Delete(values, i, i+1)
	}
	return values
}

// isBeside reports whether both are values of one field, or both texts that were appended to it.
func (n noted) isBeside(other noted) bool { return n.name == other.name && n.added == other.added }

// countOf returns how many of the values are of a field as n is.
func countOf(values []noted, n *noted) (count int) {
	for i := range values {
		if values[i].isBeside(*n) {
			count++
		}
	}
	return count
}

// besideNoted adds to values others of which it is not known whether they came later. Of
// marks the latest count.
func besideNoted(values, others []noted) []noted {
	known := slices.Clone(values)
	for _, n := range others {
		if i := slices.IndexFunc(values, func(m noted) bool { return m.name == n.name }); i >= 0 && n.isMark() {
			values[i].time = max(values[i].time, n.time)
			continue
		}
		has := func(same func(noted) bool) bool { return slices.ContainsFunc(known, same) }
		if has(func(m noted) bool { return m.name == n.name && m.digest == n.digest }) ||
			countOf(values, &n) >= maxBeside {
			continue
		}
		n.open = n.open || has(func(m noted) bool { return m.name == n.name })
		values = append(values, n)
	}
	return values
}
