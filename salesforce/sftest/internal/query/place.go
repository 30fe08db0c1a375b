package query

import (
	"fmt"
	"math"
	"strconv"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// distance is DISTANCE, a function of a field that holds a place.
const distance = "DISTANCE"

// A geolocation is GEOLOCATION(latitude, longitude), with the unit of the distance
// from it.
type geolocation struct {
	latitude, longitude float64
	unit                string // mi or km
}

// placeOf reads the rest of DISTANCE(field, GEOLOCATION(37.8, -122.4), 'mi').
func (p *parser) placeOf(x *expr) {
	p.expect("(")
	x.arg = &expr{name: p.name()}
	p.expect(",")
	p.expect("GEOLOCATION")
	p.expect("(")
	x.place = &geolocation{latitude: p.degrees(90)}
	p.expect(",")
	x.place.longitude = p.degrees(180)
	p.expect(")")
	p.expect(",")
	unit := p.take()
	if x.place.unit = unit.value; unit.kind != tokenString || unit.value != "mi" && unit.value != "km" {
		panic(unexpected(unit))
	}
	p.expect(")")
}

func (p *parser) degrees(most float64) float64 {
	t := p.take()
	n, err := strconv.ParseFloat(t.text, 64)
	if t.kind != tokenNumber || err != nil || math.Abs(n) > most {
		panic(unexpected(t))
	}
	return n
}

// distance binds the distance of an address from a place; without coordinates it
// is null. The text is not known.
func (b *binder) distance(x *expr) (*Path, *Error) {
	p, err := b.path(x.arg.name)
	if err != nil {
		return nil, err
	}
	if p.Last == nil || p.Last.Type != "address" {
		return nil, &Error{code: "INVALID_FIELD", at: x.arg.name.at, message: fmt.Sprintf("field '%s' can not be used with the function %s", p.Names[len(p.Names)-1], distance)}
	}
	p.function, p.as = distance, db.KindNumber
	p.apply = func(v any) any {
		address, _ := v.(wire.Object)
		latitude, _ := address.Get("latitude")
		longitude, _ := address.Get("longitude")
		lat, ok := latitude.(float64)
		long, alsoOK := longitude.(float64)
		if !ok || !alsoOK {
			return nil
		}
		return x.place.from(lat, long)
	}
	return p, nil
}

// from is the great-circle distance, by the haversine formula.
func (p *geolocation) from(latitude, longitude float64) float64 {
	const radians = math.Pi / 180
	dLat, dLong := (latitude-p.latitude)*radians/2, (longitude-p.longitude)*radians/2
	h := math.Pow(math.Sin(dLat), 2) + math.Cos(p.latitude*radians)*math.Cos(latitude*radians)*math.Pow(math.Sin(dLong), 2)
	radius := map[string]float64{"mi": 3958.7613, "km": 6371.0088}[p.unit]
	return 2 * radius * math.Asin(math.Sqrt(min(1, h)))
}
