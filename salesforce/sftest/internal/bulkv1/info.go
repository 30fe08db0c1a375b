// SPDX-License-Identifier: Apache-2.0

package bulkv1

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

const namespace = "http://www.force.com/2009/06/asyncapi/dataload"

// An info describes a job, a batch or an error, in XML or JSON.
type info struct {
	element string
	members []member
}

// A member is a value of an info. One that is blank is absent, but for shown ones.
type member struct {
	name  string
	value any
	shown bool
}

func (i *info) add(name string, value any) { i.members = append(i.members, member{name, value, true}) }

// addText adds a text unless it is blank.
func (i *info) addText(name, value string) {
	i.members = append(i.members, member{name, value, value != ""})
}

func (i info) reply(r *Request, status int) *wire.Reply {
	if r.json {
		return wire.Answer(status, i.object())
	}
	return wire.Answer(status, wire.XML(xml.Header+i.xml(` xmlns="`+namespace+`"`)))
}

// object returns the info as JSON has it, in the order of the names.
func (i info) object() wire.Object {
	o := wire.Object{}
	for _, m := range i.members {
		if m.shown {
			o.Add(m.name, m.value)
		}
	}
	return wire.Sorted(o)
}

func (i info) xml(attributes string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<%s%s>", i.element, attributes)
	for _, m := range i.members {
		if m.shown {
			fmt.Fprintf(&b, "<%s>%s</%[1]s>", m.name, escape(textOf(m.value)))
		}
	}
	fmt.Fprintf(&b, "</%s>", i.element)
	return b.String()
}

func textOf(v any) string {
	switch v := v.(type) {
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.000Z")
	case float64:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprint(v)
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}

// readInfo reads the members of a jobInfo, in XML or JSON; false if they cannot be read.
func readInfo(body []byte, inJSON bool) (map[string]string, bool) {
	members := map[string]string{}
	if inJSON {
		v, err := wire.Decode(body)
		o, whole := v.(wire.Object)
		for _, m := range o {
			members[m.Name] = wire.TextOf(m.Value)
		}
		return members, err == nil && whole
	}
	d := xml.NewDecoder(strings.NewReader(strings.TrimSpace(string(body))))
	depth, name, text := 0, "", ""
	for {
		token, err := d.Token()
		if err != nil {
			return members, err.Error() == "EOF" && depth == 0
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			name, text = token.Name.Local, ""
		case xml.CharData:
			text += string(token)
		case xml.EndElement:
			if depth--; depth == 1 {
				members[name] = strings.TrimSpace(text)
			}
		}
	}
}
