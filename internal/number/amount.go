// SPDX-License-Identifier: Apache-2.0

package number

import (
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode"
)

// An amount is one number with what stands around it.
type amount struct {
	value  *big.Rat
	scale  *big.Rat // of its word, such as 1000 of "k"; nil for none
	money  bool     // it has a currency
	signed bool
	reason Reason
}

// amount reads one number in normal form. It is of money where the other end of its range
// is.
func (r *reader) amount(text string, ofMoney bool) amount {
	if exact.MatchString(text) {
		return r.scientific(text)
	}
	p := peeled{rest: text, ofMoney: r.Kind == Currency}
	for p.peel() {
	}
	r.scaled = p.scale.factor != nil
	value, reason := r.digitsOf(p.rest)
	one := amount{scale: p.scale.factor, money: len(p.currencies) > 0, signed: p.signed, reason: reason}
	if reason != Fit {
		return one
	}
	if p.scale.factor != nil {
		value.Mul(value, p.scale.factor)
	}
	if p.negative {
		value.Neg(value)
	}
	one.value = value
	if p.scale.ofMoney && !one.money && !ofMoney {
		one.reason = NotNumber
		return one
	}
	one.reason = r.fits(&p, value)
	return one
}

// scientific reads a number such as 1e6.
func (r *reader) scientific(text string) amount {
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		return amount{reason: NotNumber}
	}
	if near, _ := value.Float64(); math.IsInf(near, 0) {
		return amount{reason: NotNumber}
	}
	p := peeled{negative: value.Sign() < 0}
	return amount{value: value, signed: text[0] == '-' || text[0] == '+', reason: r.fits(&p, value)}
}

// fits says whether the field takes a number with what stands around it.
func (r *reader) fits(p *peeled, value *big.Rat) Reason {
	for _, codes := range p.currencies {
		switch {
		case r.Kind != Currency:
			return NoCurrency
		case r.Currency == "":
			return UnknownCurrency
		case !slices.Contains(codes, r.Currency):
			return OtherCurrency
		}
	}
	switch {
	case p.percent && r.Kind != Percent:
		return NoPercent
	case r.Kind == Integer && !value.IsInt():
		return NotWhole
	case r.People && p.negative:
		return NotNumber
	}
	return Fit
}

// A peeled text is a number on its way out of what stands around it: each of that is taken
// off once, a currency at either end.
type peeled struct {
	rest             string
	signed, negative bool
	percent          bool
	ofMoney, dash    bool // the field holds money; a dash in place of decimals was taken off
	scale            scale
	currencies       [][]string // the codes that each sign or code may stand for
	before, behind   bool       // a currency was taken off there
}

// peel takes one thing off, and reports false where there is nothing more.
func (p *peeled) peel() bool {
	p.rest = strings.TrimSpace(p.rest)
	return p.rest != "" && (p.peelDash() || p.peelSign() || p.peelPercent() || p.peelBefore() || p.peelBehind())
}

// peelDash takes the dash off that stands for no decimals, as in "100,-".
func (p *peeled) peelDash() bool {
	whole := strings.TrimRight(p.rest, "-–")
	dashes := len([]rune(p.rest)) - len([]rune(whole))
	if !p.ofMoney || p.dash || dashes < 1 || dashes > 2 ||
		!strings.HasSuffix(whole, ",") && !strings.HasSuffix(whole, ".") {
		return false
	}
	p.rest, p.dash = whole+"00", true
	return true
}

func (p *peeled) peelSign() bool {
	if p.signed {
		return false
	}
	for _, minus := range []string{"-", "–"} {
		if rest, ok := strings.CutPrefix(p.rest, minus); ok {
			return p.sign(rest, true)
		}
	}
	if rest, ok := strings.CutPrefix(p.rest, "+"); ok {
		return p.sign(rest, false)
	}
	if rest, ok := strings.CutPrefix(p.rest, "("); ok {
		if rest, ok = strings.CutSuffix(rest, ")"); ok {
			return p.sign(rest, true)
		}
	}
	rest, ok := strings.CutSuffix(p.rest, "-")
	if !ok || rest == "" || strings.ContainsAny(rest[len(rest)-1:], " .,") { // the dash of "5.-" stands for decimals
		return false
	}
	return p.sign(rest, true)
}

func (p *peeled) sign(rest string, negative bool) bool {
	p.rest, p.signed, p.negative = rest, true, negative
	return true
}

func (p *peeled) peelPercent() bool {
	if p.percent {
		return false
	}
	rest, ok := strings.CutSuffix(p.rest, "%")
	for _, word := range [...]string{"percent", "per cent", "pct", "prozent", "procent", "pour cent", "por ciento",
		"por cento", "per cento"} {
		if !ok {
			rest, ok = strings.CutSuffix(p.rest, word)
		}
	}
	if !ok {
		rest, ok = strings.CutPrefix(p.rest, "%") // as in Turkish
	}
	if ok {
		p.rest, p.percent = rest, true
	}
	return ok
}

// peelBefore takes a currency off the beginning, also with a letter such as that of "k€".
func (p *peeled) peelBefore() bool {
	token := p.rest
	if end := strings.IndexFunc(p.rest, func(r rune) bool { return !inToken(r) }); end >= 0 {
		token = p.rest[:end]
	}
	if p.before || token == "" {
		return false
	}
	if p.take(token, p.rest[len(token):], &p.before, false) {
		return true
	}
	token, dotted := strings.CutSuffix(token, ".") // that of "$.50"
	return dotted && token != "" && p.take(token, p.rest[len(token):], &p.before, false)
}

// peelBehind takes a currency or a word such as "million" off the end.
func (p *peeled) peelBehind() bool {
	start := strings.LastIndexFunc(p.rest, func(r rune) bool { return !inToken(r) }) + 1
	for start > 0 && start < len(p.rest) && !isStart(p.rest[start:]) {
		start++ // within a character
	}
	if start >= len(p.rest) {
		return false
	}
	token, rest := p.rest[start:], p.rest[:start]
	if s, ok := scales[token]; ok && p.scale.factor == nil {
		p.rest, p.scale = rest, s
		return true
	}
	return !p.behind && p.take(token, rest, &p.behind, true)
}

// take takes a token off that is a currency, or a scale with one.
func (p *peeled) take(token, rest string, taken *bool, behind bool) bool {
	if codes, ok := currencyOf(token); ok {
		p.rest, *taken = rest, true
		p.currencies = append(p.currencies, codes)
		return true
	}
	if p.scale.factor != nil {
		return false
	}
	for at := range token {
		s, ok := scales[token[:at]]
		if token[:at] == "t" { // T€
			s, ok = scales["k"], true
		}
		codes, isCurrency := currencyOf(token[at:])
		short := at == 1 && strings.Contains("tkm", token[:at])
		if ok && isCurrency && (behind || short) && (token[:at] != "t" || !slices.Contains(codes, "USD")) {
			p.rest, p.scale, *taken = rest, s, true
			p.currencies = append(p.currencies, codes)
			return true
		}
	}
	return false
}

// inToken reports whether r may be part of a sign, a code or a word.
func inToken(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.Is(unicode.Sc, r) || r == '.' || r == '/'
}

func isStart(text string) bool { return text[0] < 0x80 || text[0] >= 0xc0 }
