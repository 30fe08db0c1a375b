package sftest

import (
	"net/http"
	"time"
)

// userinfo has the keys of a recorded answer (SALESFORCE.md 5).
func (a *access) userinfo(r *http.Request) *reply {
	user, instance := a.db.find(a.db.userID), instanceURL(r)
	photos := userPhotos(instance)
	about := jsonObject{
		{name: "sub", value: instance + "/id/" + a.db.orgID + "/" + a.db.userID}, {name: "user_id", value: a.db.userID}, {name: "organization_id", value: a.db.orgID},
		{name: "preferred_username", value: user.text("Username")}, {name: "nickname", value: user.text("Alias")}, {name: "name", value: user.text("Name")},
		{name: "email", value: user.text("Email")}, {name: "email_verified", value: true}, {name: "given_name", value: user.values["FirstName"]}, {name: "family_name", value: user.text("LastName")},
		{name: "zoneinfo", value: "GMT"}, {name: "photos", value: photos}, {name: "profile", value: instance + "/" + a.db.userID}, {name: "picture", value: photos.text("picture")},
		{name: "address", value: jsonObject{}}, {name: "is_salesforce_integration_user", value: false}, {name: "urls", value: a.userURLs(instance)},
	}
	return answer(200, append(append(about, userState(user)...), member{name: "updated_at", value: secondsOf(user)}))
}

// identity answers the id URL of a token reply, with the keys that clients read
// (prismatic.io, example payloads; order from memory).
func (a *access) identity(r *http.Request) *reply {
	user, instance := a.db.find(a.db.userID), instanceURL(r)
	about := jsonObject{
		{name: "id", value: instance + "/id/" + a.db.orgID + "/" + a.db.userID}, {name: "asserted_user", value: true}, {name: "user_id", value: a.db.userID}, {name: "organization_id", value: a.db.orgID},
		{name: "username", value: user.text("Username")}, {name: "nick_name", value: user.text("Alias")}, {name: "display_name", value: user.text("Name")},
		{name: "email", value: user.text("Email")}, {name: "email_verified", value: true}, {name: "first_name", value: user.values["FirstName"]}, {name: "last_name", value: user.text("LastName")},
		{name: "timezone", value: "GMT"}, {name: "photos", value: userPhotos(instance)},
	}
	for _, name := range []string{"addr_street", "addr_city", "addr_state", "addr_country", "addr_zip", "mobile_phone"} {
		about.add(name, nil)
	}
	about.add("mobile_phone_verified", false)
	about.add("is_lightning_login_user", false)
	about.add("status", jsonObject{{name: "created_date", value: nil}, {name: "body", value: nil}})
	about.add("urls", a.userURLs(instance))
	return answer(200, append(append(about, userState(user)...), member{name: "last_modified_date", value: secondsOf(user)}))
}

func userState(user *row) jsonObject {
	return jsonObject{
		{name: "active", value: user.values["IsActive"]}, {name: "user_type", value: "STANDARD"},
		{name: "language", value: "en_US"}, {name: "locale", value: "en_US"}, {name: "utcOffset", value: 0},
	}
}

func secondsOf(user *row) string {
	modified, _ := user.values["LastModifiedDate"].(time.Time)
	return modified.UTC().Format(time.RFC3339)
}

func userPhotos(instance string) jsonObject {
	return jsonObject{{name: "picture", value: instance + "/profilephoto/005/F"}, {name: "thumbnail", value: instance + "/profilephoto/005/T"}}
}

// userURLs are the org's places, of which the fake knows a few. Clients put the
// version in.
func (a *access) userURLs(instance string) jsonObject {
	const rest = "/services/data/v{version}/"
	urls, org := jsonObject{}, a.db.orgID[:15]
	for _, place := range [][2]string{
		{"enterprise", "/services/Soap/c/{version}/" + org}, {"metadata", "/services/Soap/m/{version}/" + org}, {"partner", "/services/Soap/u/{version}/" + org},
		{"rest", rest}, {"sobjects", rest + "sobjects/"}, {"search", rest + "search/"}, {"query", rest + "query/"}, {"recent", rest + "recent/"},
		{"tooling_soap", "/services/Soap/T/{version}/" + org}, {"tooling_rest", rest + "tooling/"}, {"profile", "/" + a.db.userID},
		{"feeds", rest + "chatter/feeds"}, {"groups", rest + "chatter/groups"}, {"users", rest + "chatter/users"},
		{"feed_items", rest + "chatter/feed-items"}, {"feed_elements", rest + "chatter/feed-elements"}, {"custom_domain", ""},
	} {
		urls.add(place[0], instance+place[1])
	}
	return urls
}
