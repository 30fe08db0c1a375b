// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	citation = regexp.MustCompile(`docs/salesforce\.md, ([A-Z][A-Za-z ]*)`)
	document = regexp.MustCompile(`\bdocs/[a-z]+\.md\b`)
	// absent are documents and sources that no reader of the repository has.
	absent    = regexp.MustCompile(`\b(?:SALESFORCE|PRODUCT|DESIGN|RELIABILITY|STYLE)[.]md\b|(?i:\bfrom) memory\b`)
	nextLine  = regexp.MustCompile(`\n\s*(?://|#) ?`)
	isHeading = regexp.MustCompile(`(?m)^## (.+)$`)
)

// CitationBreaches says which files cite what is not there: a document, or a
// heading of docs/salesforce.md.
func CitationBreaches(fsys fs.FS) (found []string, err error) {
	facts, err := fs.ReadFile(fsys, "docs/salesforce.md")
	if err != nil {
		return nil, err
	}
	var headings []string
	for _, match := range isHeading.FindAllStringSubmatch(string(facts), -1) {
		headings = append(headings, match[1])
	}
	err = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch base := path.Base(name); {
		case err != nil:
			return err
		case entry.IsDir():
			if name != "." && (base == "node_modules" || strings.HasPrefix(base, ".")) {
				return fs.SkipDir
			}
			return nil
		case !slices.Contains([]string{".go", ".md", ".js", ".mjs", ".tsv", ".sql"}, path.Ext(name)):
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		for _, cited := range badCitations(fsys, nextLine.ReplaceAllString(string(text), " "), headings) {
			found = append(found, fmt.Sprintf("%s: cites %s", name, cited))
		}
		return nil
	})
	return found, err
}

// badCitations finds what is cited and not there. A comment that
// spans lines is one text.
func badCitations(fsys fs.FS, text string, headings []string) (found []string) {
	found = absent.FindAllString(text, -1)
	for _, match := range citation.FindAllStringSubmatch(text, -1) {
		if !slices.ContainsFunc(headings, func(h string) bool { return strings.HasPrefix(match[1], h) }) {
			found = append(found, match[0])
		}
	}
	for _, name := range document.FindAllString(text, -1) {
		if _, err := fs.Stat(fsys, name); err != nil {
			found = append(found, name)
		}
	}
	return found
}
