// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A formPart is one part of a multipart request.
type formPart struct{ name, file, kind, text string }

// postParts sends a multipart request.
func (a *api) postParts(method, path string, parts ...formPart) *response {
	a.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, p := range parts {
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"`, p.name)}}
		if p.file != "" {
			header.Set("Content-Disposition", fmt.Sprintf(`form-data; name="%s"; filename="%s"`, p.name, p.file))
		}
		if p.kind != "" {
			header.Set("Content-Type", p.kind)
		}
		part, err := w.CreatePart(header)
		require.NoError(a.t, err)
		_, err = part.Write([]byte(p.text))
		require.NoError(a.t, err)
	}
	require.NoError(a.t, w.Close())
	return a.do(method, path, body.String(), "Content-Type", w.FormDataContentType())
}

func TestFileIsUploadedInParts(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	lead := addLead(org, "ada@example.com")
	entity := formPart{
		"entity_content", "", "application/json",
		`{"Title":"Badge","PathOnClient":"badge.jpeg","FirstPublishLocationId":"` + lead + `"}`,
	}
	res := a.postParts("POST", "/sobjects/ContentVersion", entity,
		formPart{"VersionData", "badge.jpeg", "image/jpeg", string(badge)})
	require.Equal(t, 201, res.Status, res.Text)
	require.Equal(t, "/services/data/v62.0/sobjects/ContentVersion/"+res.id(), res.Header.Get("Location"))
	require.Equal(t, string(badge), a.do("GET", "/sobjects/ContentVersion/"+res.id()+"/VersionData", nil).Text)
	row := org.Row("ContentVersion", res.id())
	require.Equal(t, []any{"Badge", "JPG", "jpeg", "P"}, []any{
		row["Title"], row["FileType"], row["FileExtension"], row["PublishStatus"],
	})
	down := a.query("SELECT (SELECT ContentDocument.LatestPublishedVersion.Title, LinkedEntity.Name, ShareType, " +
		"Visibility FROM ContentDocumentLinks) FROM Lead")
	for name, want := range map[string]any{"ShareType": "V", "Visibility": "AllUsers"} {
		require.Equal(t, want, down.at("records", 0, "ContentDocumentLinks", "records", 0, name), down.Text)
	}
	require.Equal(t, "Badge", down.at("records", 0, "ContentDocumentLinks", "records", 0, "ContentDocument",
		"LatestPublishedVersion", "Title"))
}

// Recorded refusals (docs/salesforce.md, Files).
func TestPartsThatAreNoFileAreRefused(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	entity := formPart{"entity_content", "", "application/json", `{"PathOnClient":"a.txt"}`}
	file := formPart{"VersionData", "a.txt", "text/plain", "x"}
	for name, tc := range map[string]struct {
		parts []formPart
		code  string
		text  string
	}{
		"fields without a type": {
			[]formPart{{"PathOnClient", "", "", "a.txt"}, file}, "INVALID_MULTIPART_REQUEST",
			"Multipart message must include a non-binary part",
		},
		"fields twice": {
			[]formPart{entity, entity, file}, "INVALID_MULTIPART_REQUEST", "Cannot include more than one non-binary part",
		},
		"two files": {
			[]formPart{entity, file, file}, "INVALID_MULTIPART_REQUEST", "Cannot include more than one binary part",
		},
		"no JSON": {
			[]formPart{{"entity_content", "", "application/json", "{"}, file}, "JSON_PARSER_ERROR", "",
		},
		"no object": {
			[]formPart{{"entity_content", "", "application/json", "[]"}, file}, "JSON_PARSER_ERROR", "",
		},
		"a field that holds text": {
			[]formPart{entity, {"Title", "a.txt", "text/plain", "x"}}, "JSON_PARSER_ERROR", "",
		},
		"a field that is unknown": {
			[]formPart{entity, {"Nope", "a.txt", "text/plain", "x"}}, "INVALID_FIELD", "",
		},
		"an empty file": {
			[]formPart{entity, {"VersionData", "a.txt", "text/plain", ""}}, "REQUIRED_FIELD_MISSING",
			"Required fields are missing: [VersionData]",
		},
		"no file": {[]formPart{entity}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [VersionData]"},
		"no name": {
			[]formPart{{"entity_content", "", "application/json", `{}`}, file}, "REQUIRED_FIELD_MISSING",
			"Required fields are missing: [PathOnClient]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			res := (&api{t, org}).postParts("POST", "/sobjects/ContentVersion", tc.parts...)
			res.refused(t, 400, tc.code)
			if tc.text != "" {
				require.Equal(t, tc.text, res.at(0, "message"))
			}
		})
	}
	for _, kind := range []string{
		"multipart/form-data", "multipart/form-data; boundary=" + strings.Repeat("b", 71), "multipart/form-data; boundary=x",
	} {
		a.do("POST", "/sobjects/ContentVersion", "--x\r\nbroken", "Content-Type", kind).
			refused(t, 400, "INVALID_MULTIPART_REQUEST")
	}
	whole := "--x\r\nContent-Type: application/json\r\n\r\n{\"PathOnClient\":\"a.txt\"}\r\n--x\r\n" +
		"Content-Disposition: form-data; name=\"VersionData\"\r\n\r\nx\r\n--x--"
	for cut := range len(whole) {
		a.do("POST", "/sobjects/ContentVersion", whole[:cut], "Content-Type", "multipart/form-data; boundary=x").
			refused(t, 400, "INVALID_MULTIPART_REQUEST")
	}
	a.postParts("POST", "/sobjects/Lead", entity, file).refused(t, 415, "UNSUPPORTED_MEDIA_TYPE")
	a.do("POST", "/sobjects/ContentVersion", `{"PathOnClient":"a","VersionData":"*"}`).refused(t, 400, "JSON_PARSER_ERROR")
	a.do("POST", "/sobjects/ContentVersion", `{"PathOnClient":"a","VersionData":7}`).refused(t, 400, "JSON_PARSER_ERROR")
	a.do("POST", "/sobjects/ContentVersion", fields{"PathOnClient": strings.Repeat("a", 256), "VersionData": "eA=="}).
		refused(t, 400, "STRING_TOO_LONG")
	a.do("POST", "/sobjects/ContentDocument", `{"Title":"a"}`).refused(t, 400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")
	require.Zero(t, org.Count("ContentVersion")+org.Count("ContentDocument")+org.Count("ContentDocumentLink"))
}

func TestFilesOfACollectionInParts(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	row := func(name, part string) string {
		return `{"attributes":{"type":"ContentVersion","binaryPartName":"` + part +
			`","binaryPartNameAlias":"VersionData"},"PathOnClient":"` + name + `"}`
	}
	parts := func(rows ...string) []formPart {
		return []formPart{
			{"collection", "", "application/json", `{"records":[` + strings.Join(rows, ",") + `]}`},
			{"one", "a.txt", "text/plain", "first"},
			{"two", "b.txt", "text/plain", "second"},
		}
	}
	res := a.postParts("POST", "/composite/sobjects", parts(row("a.txt", "one"), row("b.txt", "two"))...)
	require.Equal(t, []string{"", ""}, res.rowCodes(), res.Text)
	for i, want := range []string{"first", "second"} {
		id := res.at(i, "id").(string)
		require.Equal(t, want, a.do("GET", "/sobjects/ContentVersion/"+id+"/VersionData", nil).Text)
	}
	a.postParts("POST", "/composite/sobjects", parts(row("a.txt", "three"))...).
		refused(t, 400, "INVALID_MULTIPART_REQUEST")
	a.postParts("POST", "/composite/sobjects", parts()...).refused(t, 400, "REQUIRED_FIELD_MISSING")
	a.postParts("POST", "/composite/sobjects").refused(t, 400, "INVALID_MULTIPART_REQUEST")
	require.Equal(t, 2, org.Count("ContentVersion"))
}
