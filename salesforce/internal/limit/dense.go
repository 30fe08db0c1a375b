// SPDX-License-Identifier: Apache-2.0

package limit

import "bytes"

const (
	// freeElements is how many elements of lists a reply may have, whatever their size.
	freeElements = 20_000
	// minElement is what an element takes in bytes, at least, on the average of a reply
	// with more of them. Picklist values, the shortest elements of long lists, have 75.
	minElement = 64
	// maxDepth is how deep encoding/json decodes.
	maxDepth = 10_000
)

// IsDense reports whether a reply has so many elements for its size that decoding it
// would take a multiple of the memory: 64 MiB of "{}," are 22 million structs of
// several hundred bytes. Invalid JSON is judged by the same count.
func IsDense(reply []byte) bool {
	if len(reply) < 2*freeElements {
		return false
	}
	allowed := max(freeElements, len(reply)/minElement)
	lists, objects := bytes.Count(reply, []byte("[")), bytes.Count(reply, []byte("{"))
	if lists+bytes.Count(reply, []byte(",")) <= allowed && lists+objects < maxDepth {
		return false // there is a list or a comma before each element
	}
	var inside []byte // the brackets that are open
	elements, empty := 0, false
	for i := 0; i < len(reply) && elements <= allowed; i++ {
		c := reply[i]
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '{', '[':
			if len(inside) == maxDepth {
				return true
			}
			inside = append(inside, c)
		case '}', ']':
			if len(inside) > 0 {
				elements += lastElement(inside, empty)
				inside = inside[:len(inside)-1]
			}
		case ',':
			elements += lastElement(inside, false)
		case '"':
			i = endOfText(reply, i)
		}
		empty = c == '{' || c == '['
	}
	return elements > allowed
}

// lastElement is 1 if the element before a comma or a closing bracket is one of a list.
func lastElement(inside []byte, empty bool) int {
	if empty || len(inside) == 0 || inside[len(inside)-1] != '[' {
		return 0
	}
	return 1
}

// endOfText returns where the string that begins at start ends.
func endOfText(reply []byte, start int) int {
	for i := start + 1; i < len(reply); i++ {
		switch reply[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(reply)
}
