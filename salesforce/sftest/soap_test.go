// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"encoding/xml"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// docs/salesforce.md, OAuth.
func TestSOAPLoginBeginsASession(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t, sftest.WithSOAPLogin())
	login := func(version, user, password string) *response {
		res, err := a.send("POST", "/services/Soap/u/"+version,
			`<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header/><se:Body>`+
				`<login xmlns="urn:partner.soap.sforce.com"><username>`+user+`</username><password>`+password+`</password></login>`+
				`</se:Body></se:Envelope>`, "Content-Type", "text/xml", "SOAPAction", `""`)
		require.NoError(t, err)
		return res
	}
	first := org.Token()
	res := login("64.0", "Integration@Fake.example", "a&amp;b")
	require.Equal(t, 200, res.Status, res.Text)
	var answer struct {
		Session string `xml:"Body>loginResponse>result>sessionId"`
		Server  string `xml:"Body>loginResponse>result>serverUrl"`
		User    string `xml:"Body>loginResponse>result>userId"`
		Org     string `xml:"Body>loginResponse>result>userInfo>organizationId"`
	}
	require.NoError(t, xml.Unmarshal([]byte(res.Text), &answer))
	require.Equal(t, org.Token(), answer.Session)
	require.NotEqual(t, first, answer.Session)
	require.Equal(t, org.URL()+"/services/Soap/u/64.0/"+org.OrgID()[:15], answer.Server)
	require.Equal(t, org.UserID(), answer.User)
	require.Equal(t, org.OrgID(), answer.Org)
	require.EqualValues(t, 1, a.query("SELECT Id FROM User").at("totalSize"))

	for _, wrong := range [][2]string{{"nobody@fake.example", "x"}, {"integration@fake.example", ""}} {
		res = login("64.0", wrong[0], wrong[1])
		require.Equal(t, 500, res.Status)
		require.Contains(t, res.Text, "INVALID_LOGIN: Invalid username, password, security token; or user locked out.")
	}
	require.Contains(t, login("65.0", "integration@fake.example", "x").Text, "INVALID_OPERATION")
}
