// SPDX-License-Identifier: Apache-2.0

package oauth

import (
	"net/http"
	"time"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/db"
	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// userinfo has the keys of a recorded answer (docs/salesforce.md, OAuth).
func (a *Access) userinfo(r *http.Request) *wire.Reply {
	user, instance := a.db.Find(a.db.UserID), wire.InstanceURL(r)
	photos := userPhotos(instance)
	about := wire.Object{
		{Name: "sub", Value: instance + "/id/" + a.db.OrgID + "/" + a.db.UserID},
		{Name: "user_id", Value: a.db.UserID}, {Name: "organization_id", Value: a.db.OrgID},
		{Name: "preferred_username", Value: user.Text("Username")},
		{Name: "nickname", Value: user.Text("Alias")}, {Name: "name", Value: user.Text("Name")},
		{Name: "email", Value: user.Text("Email")}, {Name: "email_verified", Value: true},
		{Name: "given_name", Value: user.Get("FirstName")},
		{Name: "family_name", Value: user.Text("LastName")},
		{Name: "zoneinfo", Value: "GMT"}, {Name: "photos", Value: photos},
		{Name: "profile", Value: instance + "/" + a.db.UserID},
		{Name: "picture", Value: photos.Text("picture")},
		{Name: "address", Value: wire.Object{}}, {Name: "is_salesforce_integration_user", Value: false},
		{Name: "urls", Value: a.userURLs(instance)},
	}
	return wire.Answer(200, append(append(about, userState(user)...),
		wire.Member{Name: "updated_at", Value: secondsOf(user)}))
}

// identity answers the id URL of a token reply, with the keys that clients read (prismatic.io,
// example payloads; order unverified).
func (a *Access) identity(r *http.Request) *wire.Reply {
	user, instance := a.db.Find(a.db.UserID), wire.InstanceURL(r)
	about := wire.Object{
		{Name: "id", Value: instance + "/id/" + a.db.OrgID + "/" + a.db.UserID},
		{Name: "asserted_user", Value: true}, {Name: "user_id", Value: a.db.UserID},
		{Name: "organization_id", Value: a.db.OrgID},
		{Name: "username", Value: user.Text("Username")}, {Name: "nick_name", Value: user.Text("Alias")},
		{Name: "display_name", Value: user.Text("Name")},
		{Name: "email", Value: user.Text("Email")}, {Name: "email_verified", Value: true},
		{Name: "first_name", Value: user.Get("FirstName")},
		{Name: "last_name", Value: user.Text("LastName")},
		{Name: "timezone", Value: "GMT"}, {Name: "photos", Value: userPhotos(instance)},
	}
	for _, name := range []string{
		"addr_street", "addr_city", "addr_state", "addr_country", "addr_zip", "mobile_phone",
	} {
		about.Add(name, nil)
	}
	about.Add("mobile_phone_verified", false)
	about.Add("is_lightning_login_user", false)
	about.Add("status", wire.Object{{Name: "created_date", Value: nil}, {Name: "body", Value: nil}})
	about.Add("urls", a.userURLs(instance))
	return wire.Answer(200, append(append(about, userState(user)...),
		wire.Member{Name: "last_modified_date", Value: secondsOf(user)}))
}

func userState(user *db.Row) wire.Object {
	return wire.Object{
		{Name: "active", Value: user.Get("IsActive")}, {Name: "user_type", Value: "STANDARD"},
		{Name: "language", Value: "en_US"}, {Name: "locale", Value: "en_US"}, {Name: "utcOffset", Value: 0},
	}
}

func secondsOf(user *db.Row) string {
	modified, _ := user.Get("LastModifiedDate").(time.Time)
	return modified.UTC().Format(time.RFC3339)
}

func userPhotos(instance string) wire.Object {
	return wire.Object{
		{Name: "picture", Value: instance + "/profilephoto/005/F"},
		{Name: "thumbnail", Value: instance + "/profilephoto/005/T"},
	}
}

// userURLs returns the org's URLs, of which the fake serves a few. Clients insert the version.
func (a *Access) userURLs(instance string) wire.Object {
	const rest = "/services/data/v{version}/"
	urls, org := wire.Object{}, a.db.OrgID[:15]
	for _, place := range [][2]string{
		{"enterprise", "/services/Soap/c/{version}/" + org},
		{"metadata", "/services/Soap/m/{version}/" + org}, {"partner", "/services/Soap/u/{version}/" + org},
		{"rest", rest}, {"sobjects", rest + "sobjects/"}, {"search", rest + "search/"},
		{"query", rest + "query/"}, {"recent", rest + "recent/"},
		{"tooling_soap", "/services/Soap/T/{version}/" + org}, {"tooling_rest", rest + "tooling/"},
		{"profile", "/" + a.db.UserID},
		{"feeds", rest + "chatter/feeds"}, {"groups", rest + "chatter/groups"}, {"users", rest + "chatter/users"},
		{"feed_items", rest + "chatter/feed-items"}, {"feed_elements", rest + "chatter/feed-elements"},
		{"custom_domain", ""},
	} {
		urls.Add(place[0], instance+place[1])
	}
	return urls
}
