// SPDX-License-Identifier: Apache-2.0

package reading

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// entity is an HTML entity in full, with its semicolon.
var entity = regexp.MustCompile(`&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)

// Entities returns text with the HTML entities in it as what they stand for, once:
// "AT&amp;T" is "AT&T", and "AT&T" stays. Text that is HTML, or would become it, is
// returned as it is.
func Entities(text string) string {
	if !strings.Contains(text, "&") || !strings.Contains(text, ";") || IsHTML(text) {
		return text
	}
	decoded := entity.ReplaceAllStringFunc(text, func(name string) string {
		switch s := html.UnescapeString(name); {
		case s == "\u00a0":
			return " "
		case strings.ContainsFunc(s, func(r rune) bool {
			return r == unicode.ReplacementChar || unicode.IsControl(r) && r != '\n' && r != '\t'
		}):
			return name
		default:
			return s
		}
	})
	if IsHTML(decoded) {
		return text
	}
	return decoded
}

// HasEntity reports whether text has an HTML entity in it.
func HasEntity(text string) bool {
	return strings.Contains(text, "&") && slices.ContainsFunc(entity.FindAllString(text, -1), func(name string) bool {
		return html.UnescapeString(name) != name
	})
}

// The elements of rich text: those that a reader sees as lines of their own, and others.
var (
	blockNames = strings.Fields("p br div ul ol li h1 h2 h3 h4 h5 h6 table thead tbody tfoot tr td th blockquote pre hr")
	otherNames = strings.Fields("a b i u s em strong span font img sub sup strike del ins code small big center col " +
		"colgroup caption style script")
	blockSet = setOf(blockNames)
	tagSet   = setOf(append(slices.Clone(blockNames), otherNames...))
)

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// IsHTML reports whether text has a tag of rich text in it. "a < b" and "<5k" are none.
func IsHTML(text string) bool {
	for at := range strings.SplitSeq(text, "<") {
		if t, ok := readTag("<" + at); ok && tagSet[t.name] && strings.Contains(text, "<"+at) {
			return true
		}
	}
	return false
}

// A tag is the beginning or the end of an element.
type tag struct {
	name    string
	closing bool
	href    string
	size    int
}

var (
	tagForm  = regexp.MustCompile(`^<(/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[^<>"']*(?:"[^"]*"|'[^']*')?)*)\s*/?>`)
	hrefForm = regexp.MustCompile(`(?i)\s(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)
)

// readTag reads the tag that text begins with.
func readTag(text string) (tag, bool) {
	found := tagForm.FindStringSubmatch(text)
	if found == nil {
		return tag{}, false
	}
	t := tag{name: strings.ToLower(found[2]), closing: found[1] != "", size: len(found[0])}
	if link := hrefForm.FindStringSubmatch(found[3]); link != nil {
		t.href = html.UnescapeString(link[1] + link[2] + link[3])
	}
	return t, true
}

// HTMLText returns what a reader sees of HTML, and the targets of its links and pictures:
// one line for each that the reader sees, without blank ones, and single spaces.
func HTMLText(source string) string {
	var b strings.Builder
	hidden := ""
	for source != "" {
		at := strings.IndexByte(source, '<')
		if at < 0 {
			at = len(source)
		}
		if hidden == "" {
			b.WriteString(html.UnescapeString(strings.ReplaceAll(source[:at], "\n", " ")))
		}
		source = source[at:]
		if source == "" {
			break
		}
		if rest, ok := strings.CutPrefix(source, "<!--"); ok {
			_, source, _ = strings.Cut(rest, "-->")
			continue
		}
		t, ok := readTag(source)
		switch {
		case !ok:
			b.WriteByte('<')
			source = source[1:]
			continue
		case t.name == "script" || t.name == "style":
			hidden = t.name
			if t.closing {
				hidden = ""
			}
		case blockSet[t.name]:
			b.WriteByte('\n')
		}
		if t.href != "" && hidden == "" {
			b.WriteString(" [" + t.href + "] ")
		}
		source = source[t.size:]
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r\n", "<br>", "\n", "<br>")

// EscapeHTML returns plain text as HTML.
func EscapeHTML(text string) string { return escapes.Replace(text) }

// endsBlock finds HTML whose last element is a block.
var endsBlock = regexp.MustCompile(`(?i)</(?:p|div|ul|ol|h[1-6]|table|blockquote|pre)>\s*$`)

// AppendHTML returns HTML, byte for byte, with plain text as lines after it.
func AppendHTML(source, text string) string {
	if endsBlock.MatchString(source) {
		return source + "<p>" + EscapeHTML(text) + "</p>"
	}
	return source + "<br>" + EscapeHTML(text)
}
