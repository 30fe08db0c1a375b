// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadtype"
)

// A said is a value as a lead has it, and what it means: the value that its field is to
// have, nil where it has none, and the kind of the warning that says so.
type said struct {
	text  string
	means any
	kind  leadtype.WarningKind
	most  float64 // the high end of a range, 0 for none
}

// as is a text that means itself.
func as(text string) said { return said{text: text, means: strings.Join(strings.Fields(text), " ")} }

// meant is a text and what it means.
func meant(text string, means any) said { return said{text: text, means: means} }

func unfit(text string) said { return said{text: text, kind: leadtype.Unfit} }

func blankText(text string) said { return said{text: text, kind: leadtype.BlankText} }

// A guest is a person who comes to a Fair. The first of first and last are the person's
// names, the others are ways to write them.
type guest struct {
	first, last []string
	emails      []said
	company     string
}

// guests are the people who come: namesakes, other people behind one address, one whose
// name agrees in part, people behind an address of many, one without an address, and people of
// whose names capitals do not tell how they are written.
var guests = []guest{
	{[]string{"Ada", "ADA", "ada ", "A."}, []string{"Lovelace", "LOVELACE"},
		[]said{as("ada@analytical.example"),
			meant(" mailto:Ada@Analytical.example ", "ada@analytical.example")}, "Analytical Engines Ltd"},
	{[]string{"Ada"}, []string{"Lovelace"}, []said{blankText("n/a"), blankText("")}, "Babbage & Co"},
	{[]string{"Ben", "BEN"}, []string{"Meyer"}, []said{as("ada@analytical.example")}, "Zwei GmbH"},
	{[]string{"Ada", "Ada"}, []string{"Jones"}, []said{as("ada@analytical.example")}, "Jones Brothers"},
	{
		[]string{"Jürgen", "JÜRGEN", "Juergen"},
		[]string{"Müller", "müller", "Mueller"},
		[]said{
			as("juergen@mueller.example"),
			meant("Jürgen <juergen@mueller.example>", "juergen@mueller.example"),
		},
		"Müller GmbH",
	},
	{[]string{"Pia", "PIA"}, []string{"Gibson", "GIBSON"}, []said{as("info@initech.example")}, "Initech"},
	{[]string{"Tomas", "TOMAS"}, []string{"Novak"}, []said{as("info@initech.example")}, "Novak Engineering"},
	{[]string{"Cho"}, []string{"Park"}, []said{
		{text: "noreply@acme.example", kind: leadtype.Placeholder},
		{text: "NoReply@ACME.example", kind: leadtype.Placeholder}}, "Three Inc"},
	// Letters whose capitals are others, or several.
	{[]string{"Max", "MAX"}, []string{"Groß", "GROSS", "GROẞ"}, []said{as("max@gross.example"),
		meant("MAX@GROSS.EXAMPLE", "max@gross.example")}, "Groß & Söhne"},
	{[]string{"Γιώργος", "ΓΙΏΡΓΟΣ"}, []string{"Παππάς", "ΠΑΠΠΆΣ"}, []said{as("gp@pappas.example")}, "Παππάς ΑΕ"},
	{[]string{"Işıl", "IŞIL"}, []string{"Yıldız", "YILDIZ"}, []said{as("isil@yildiz.example"),
		meant("ISIL@YILDIZ.EXAMPLE", "isil@yildiz.example")}, "Yıldız Isı"},
}

// A slot is a value that leads have, and the fields that take it.
type slot struct {
	name          string // the lead's source field
	lead, contact string // "" where the object has none
	put           func(l *leadsync.Lead, text string)
	// says returns the n-th text of a guest.
	says func(who, n int) said
	// form returns what two values have in common that differ in form only.
	form func(v any) string
	// edit is the n-th value that a rep gives the field.
	edit func(n int) any
	// tidy is what automation makes of a value that changes its form only.
	tidy func(v any) any
}

// field returns the name of the slot's field of an object.
func (s *slot) field(object string) string {
	if object == "Contact" {
		return s.contact
	}
	return s.lead
}

// oneOf returns the n-th of texts.
func oneOf(texts ...func(who, n int) said) func(who, n int) said {
	return func(who, n int) said { return texts[n%len(texts)](who, n/len(texts)) }
}

func always(s said) func(who, n int) said { return func(int, int) said { return s } }

// format returns a text of a guest that means itself. Its verbs are for the guest and n.
func format(layout string) func(who, n int) said {
	return func(who, n int) said { return as(fmt.Sprintf(layout, who, n%10)) }
}

func setCustom(name string) func(l *leadsync.Lead, text string) {
	return func(l *leadsync.Lead, text string) { l.Custom[name] = text }
}

func words(v any) string {
	if v == nil {
		return ""
	}
	return sameCapitals.Replace(strings.ToLower(strings.Join(strings.Fields(fmt.Sprint(v)), " ")))
}

// sameCapitals makes one of letters whose capitals are the same: automation may have written those.
var sameCapitals = strings.NewReplacer("ß", "ss", "ς", "σ", "ı", "i")

// digits are those of a phone number as it is dialled from abroad, and of its extension.
func digits(v any) string {
	if v == nil {
		return ""
	}
	number, extension, extended := strings.Cut(strings.ReplaceAll(fmt.Sprint(v), "(0)", ""), "x")
	all := strings.TrimLeft(decimals(number), "0")
	if extended {
		all += "x" + decimals(extension)
	}
	return all
}

func decimals(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

func page(v any) string {
	text := words(v)
	for _, prefix := range []string{"https://", "http://", "www."} {
		text = strings.TrimPrefix(text, prefix)
	}
	return strings.TrimSuffix(text, "/")
}

func number(v any) string {
	if v == nil {
		return ""
	}
	x, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	if err != nil {
		return fmt.Sprint(v)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

func shout(v any) any { return "  " + strings.ToUpper(fmt.Sprint(v)) }

func same(v any) any { return v }

func editedText(n int) any { return fmt.Sprintf("Edited by a rep %d", n) }

// names are the ways in which a guest's name is written.
func names(of func(g *guest) []string) func(who, n int) said {
	return func(who, n int) said {
		all := of(&guests[who])
		if text := all[n%len(all)]; n%5 > 0 {
			return said{text: text, means: strings.TrimSpace(text)}
		}
		return as(all[0])
	}
}

// slots are those of people, but for addresses and consents. The event is in a time zone.
func slots(zone *time.Location) []*slot {
	return []*slot{
		{name: "firstName", lead: "FirstName", contact: "FirstName",
			put:  func(l *leadsync.Lead, v string) { l.FirstName = v },
			says: names(func(g *guest) []string { return g.first }), form: words, edit: nickname, tidy: shout},
		{name: "lastName", lead: "LastName", contact: "LastName",
			put:  func(l *leadsync.Lead, v string) { l.LastName = v },
			says: names(func(g *guest) []string { return g.last }), form: words, edit: married, tidy: shout},
		{name: "email", lead: "Email", contact: "Email", put: func(l *leadsync.Lead, v string) { l.Email = v },
			says: func(who, n int) said { return guests[who].emails[n%len(guests[who].emails)] }, form: words,
			edit: func(n int) any { return fmt.Sprintf("rep%d@elsewhere.example", n) }, tidy: same},
		{name: "company", lead: "Company", put: func(l *leadsync.Lead, v string) { l.Company = v },
			says: oneOf(company, company, company, always(blankText("[not provided]")), company, always(blankText("n/a"))),
			form: words, edit: editedText, tidy: shout},
		{name: "jobTitle", lead: "Title", contact: "Title", put: func(l *leadsync.Lead, v string) { l.JobTitle = v },
			says: titles(), form: words, edit: editedText, tidy: shout},
		{name: "phone", lead: "Phone", contact: "Phone", put: func(l *leadsync.Lead, v string) { l.Phone = v },
			says: phones(100), form: digits, edit: func(n int) any { return fmt.Sprintf("+1 999 555 %04d", n) }, tidy: dotted},
		{name: "mobilePhone", lead: "MobilePhone", contact: "MobilePhone",
			put:  func(l *leadsync.Lead, v string) { l.MobilePhone = v },
			says: phones(200), form: digits, edit: func(n int) any { return fmt.Sprintf("+1 888 555 %04d", n) }, tidy: dotted},
		{name: "website", lead: "Website", put: func(l *leadsync.Lead, v string) { l.Website = v },
			says: websites(), form: page, edit: func(n int) any { return fmt.Sprintf("rep%d.example", n) },
			tidy: func(v any) any { return page(v) }},
		{name: "industry", lead: "Industry", put: func(l *leadsync.Lead, v string) { l.Industry = v },
			says: oneOf(industry, industry, always(unfit("Computer Software")), industry, always(blankText("none"))),
			form: words, edit: func(n int) any { return fmt.Sprintf("Sector %d", n%4) }, tidy: same},
		{name: "companySize", lead: "NumberOfEmployees", put: func(l *leadsync.Lead, v string) { l.CompanySize = v },
			says: sizes(), form: number, edit: func(n int) any { return 7_000_000 + n }, tidy: same},
		{name: "custom.day", lead: "Day__c", contact: "Day__c", put: setCustom("day"), says: days(zone), form: words,
			edit: func(n int) any { return fmt.Sprintf("20%02d-01-31", 50+n%40) }, tidy: same},
		{name: "custom.budget", lead: "Budget__c", contact: "Budget__c", put: setCustom("budget"), says: budgets(),
			form: number, edit: func(n int) any { return 8_000_000.5 + float64(n) }, tidy: same},
		{name: "custom.tier", lead: "Tier__c", contact: "Tier__c", put: setCustom("tier"),
			says: oneOf(tier("Tier %d"), tier("tier %d "), always(said{text: "platinum", kind: leadtype.Unmapped})),
			form: words, edit: func(n int) any { return fmt.Sprintf("r%d", n%4) }, tidy: same},
		{name: "qualifier.topic", lead: "Topic__c", contact: "Topic__c",
			put:  func(l *leadsync.Lead, text string) { l.Answers["topic"] = []string{text} },
			says: oneOf(topic("Topic %d"), topic("TOPIC %d "), always(said{text: "Topic X", kind: leadtype.Unmapped})),
			form: words, edit: func(n int) any { return fmt.Sprintf("r%d", n%4) }, tidy: same},
	}
}

func nickname(n int) any { return []string{"Wilhelmina", "Guinevere", "Bartholomew"}[n%3] }

func married(n int) any { return []string{"Kingsley", "Windsor", "Castellanos", "Ostrowski"}[n%4] }

func company(who, n int) said {
	if n%3 == 0 {
		return as(strings.ToUpper(guests[who].company))
	}
	return as(guests[who].company + []string{"", " International"}[n%2])
}

func industry(who, n int) said {
	option := fmt.Sprintf("Industry %d", who)
	return meant([]string{option, strings.ToUpper(option), fmt.Sprintf(" Branch  %d", who)}[n%3], option)
}

func tier(layout string) func(who, n int) said {
	return func(who, _ int) said { return meant(fmt.Sprintf(layout, who), fmt.Sprintf("t%d", who)) }
}

func topic(layout string) func(who, n int) said {
	return func(who, _ int) said { return meant(fmt.Sprintf(layout, who), fmt.Sprintf("o%d", who)) }
}

// dotted writes the digits of a phone number in another form.
func dotted(v any) any {
	text := fmt.Sprint(v)
	if strings.ContainsAny(text, "x(") {
		return text
	}
	return strings.NewReplacer("-", ".", " ", ".").Replace(text)
}

func titles() func(who, n int) said {
	return oneOf(
		format("Engineer %d.%d"),
		func(who, n int) said {
			return meant(fmt.Sprintf(" R&amp;D  lead %d.%d", who, n), fmt.Sprintf("R&D lead %d.%d", who, n))
		},
		format("Geschäftsführer %d.%d"), format("取締役 %d.%d"), format("HEAD OF SALES %d.%d"),
		always(blankText("n/a")), always(blankText("#REF!")), always(blankText("unknown")), always(blankText("--")),
		func(who, n int) said {
			whole := fmt.Sprintf("%d.%d ", who, n) + strings.Repeat("Vice President ", 9)
			return said{text: whole, means: strings.TrimSpace(whole[:128]), kind: leadtype.Truncated}
		})
}

// phones are numbers, of which some are the same in another form.
func phones(first int) func(who, n int) said {
	in := func(layout string) func(who, n int) said {
		return func(who, n int) said { return as(fmt.Sprintf(layout, fmt.Sprintf("%d%d%03d", who, n%4, first))) }
	}
	return oneOf(in("617-555-%s"), in("+49 (0)30 %s"), in("0049 30 %s"), in("+49.30.%s"), in("+4930%s"),
		in("+44 20 7946 %s x12"), in("0044 (0)20 7946 %s ext. 12"), in("00420.222.%s"), in("+420 222 %s"),
		always(unfit("4.91711E+11")), always(blankText("n/a")), always(unfit("+49 89 1234567-0 / mobil +49 171 00000001234")))
}

func websites() func(who, n int) said {
	return oneOf(format("https://www.g%d-%d.example/"), format("g%d.example/p%d"), format("HTTP://G%d-%d.EXAMPLE"),
		always(blankText("none")), func(who, n int) said {
			return unfit(fmt.Sprintf("https://g%d.example/%d?utm=", who, n) + strings.Repeat("x", 280))
		})
}

func sizes() func(who, n int) said {
	notes := func(layout string) func(who, n int) said {
		return func(who, n int) said {
			return meant(fmt.Sprintf(layout, who+1, n%10), float64((who+1)*1000+n%10))
		}
	}
	return oneOf(notes("%d,00%d"), notes("%d.00%d"), notes("%d 00%d"), notes("%d'00%d"), notes("%d00%d employees"),
		between(notes("%d,00%d-90,000"), 90_000), between(notes("%d.00%d+"), math.Inf(1)),
		always(unfit("<50")), always(unfit("10-Jan")), always(unfit("Enterprise")), always(blankText("N/A")),
		always(unfit("1.23E+05")))
}

// between is a range that ends with a number.
func between(of func(who, n int) said, most float64) func(who, n int) said {
	return func(who, n int) said {
		s := of(who, n)
		s.most = most
		return s
	}
}

func budgets() func(who, n int) said {
	notes := func(layout string) func(who, n int) said {
		return func(who, n int) said {
			return meant(fmt.Sprintf(layout, who+1, n%10), float64((who+1)*1000+n%10)+0.5)
		}
	}
	return oneOf(notes("%d.00%d,50"), notes("%d,00%d.5"), notes("%d 00%d,5"), notes("%d'00%d.50"), notes("%d00%d.50"),
		always(unfit("1.234")), always(unfit("5M")), always(unfit("about 5")), always(blankText("tbd")))
}

// days are dates, and instants that are of one day or another by the time zone of the event.
func days(zone *time.Location) func(who, n int) said {
	notes := func(layout string) func(who, n int) said {
		return func(who, n int) said {
			return meant(fmt.Sprintf(layout, 1+n%9, who+14), fmt.Sprintf("2031-%02d-%02d", 1+n%9, who+14))
		}
	}
	return oneOf(notes("2031-%02d-%02d"), notes("2031-%d-%d"),
		func(who, n int) said {
			return meant(fmt.Sprintf("%d.%d.2031", who+14, 1+n%9), fmt.Sprintf("2031-%02d-%02d", 1+n%9, who+14))
		},
		func(who, n int) said {
			return meant(fmt.Sprintf("%d Mai 2031", who+14), fmt.Sprintf("2031-05-%02d", who+14))
		},
		func(who, n int) said { // the day before in Chicago, that day in London, the next one in Tokyo
			late := time.Date(2031, time.Month(1+n%9), who+14, []int{3, 18}[n%2], 0, 0, 0, time.UTC)
			return meant(late.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339), late.In(zone).Format(time.DateOnly))
		},
		always(unfit("03/04/2031")), always(unfit("next week")), always(unfit("2031-02-30")))
}
