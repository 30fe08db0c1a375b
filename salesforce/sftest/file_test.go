// SPDX-License-Identifier: Apache-2.0

package sftest_test

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// badge is a file that is no text.
var badge = []byte("%PDF-1.7\x00\xff\r\n--boundary\r\n")

// upload creates a file from JSON and returns its version and its document.
func upload(a *api, org *sftest.Org, fields fields) (version, document string) {
	a.t.Helper()
	fields["VersionData"] = base64.StdEncoding.EncodeToString(badge)
	res := a.do("POST", "/sobjects/ContentVersion", fields)
	require.Equal(a.t, 201, res.Status, res.Text)
	document, _ = org.Row("ContentVersion", res.id())["ContentDocumentId"].(string)
	return res.id(), document
}

func TestFileIsUploadedAsJSON(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	version, document := upload(a, org, fields{"PathOnClient": `C:\badges\ada.PDF`})
	sum := md5.Sum(badge)
	for name, want := range (fields{
		"Title": "ada", "FileExtension": "PDF", "FileType": "PDF", "ContentSize": float64(len(badge)),
		"Checksum": hex.EncodeToString(sum[:]), "VersionNumber": "1", "IsLatest": true, "PublishStatus": "R",
		"FirstPublishLocationId": org.UserID(), "OwnerId": org.UserID(), "ContentDocumentId": document,
		"VersionData": base + "/sobjects/ContentVersion/" + version + "/VersionData",
	}) {
		require.Equal(t, want, a.do("GET", "/sobjects/ContentVersion/"+version, nil).at(name), name)
		require.Equal(t, want, a.query("SELECT "+name+" FROM ContentVersion").at("records", 0, name), name)
	}
	require.Equal(t, []string{"068", "069"}, []string{version[:3], document[:3]})

	res := a.do("GET", "/sobjects/ContentVersion/"+version[:15]+"/VersionData", nil)
	require.Equal(t, 200, res.Status)
	require.Equal(t, string(badge), res.Text)
	require.Equal(t, badge, org.Row("ContentVersion", version)["VersionData"])

	row := org.Row("ContentDocument", document)
	require.Equal(t, []any{"ada", "PDF", len(badge), version, org.UserID()}, []any{
		row["Title"], row["FileType"], row["ContentSize"], row["LatestPublishedVersionId"], row["OwnerId"],
	})
	links := a.query("SELECT LinkedEntityId, ShareType FROM ContentDocumentLink WHERE ContentDocumentId = '" +
		document + "'")
	require.Equal(t, []any{1.0, org.UserID(), "I"}, []any{
		links.at("totalSize"), links.at("records", 0, "LinkedEntityId"), links.at("records", 0, "ShareType"),
	}, "its owner has it")
}

func TestNewVersionReplacesTheLatest(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	first, document := upload(a, org, fields{"PathOnClient": "a.txt", "Title": "First"})
	second, same := upload(a, org, fields{
		"PathOnClient": "a.csv", "Title": "Second", "ContentDocumentId": document, "ReasonForChange": "typo",
	})
	require.Equal(t, document, same)
	require.Equal(t, []string{first, second},
		a.column("SELECT Id FROM ContentVersion WHERE ContentDocumentId = '"+document+"' ORDER BY VersionNumber", "Id"))
	require.Equal(t, []string{second}, a.column("SELECT Id FROM ContentVersion WHERE IsLatest = true", "Id"))
	require.Equal(t, "2", org.Row("ContentVersion", second)["VersionNumber"])
	row := org.Row("ContentDocument", document)
	require.Equal(t, []any{second, "Second", "CSV"}, []any{row["LatestPublishedVersionId"], row["Title"], row["FileType"]})
	require.Equal(t, 1, org.Count("ContentDocumentLink"))

	require.Equal(t, 204, a.do("PATCH", "/sobjects/ContentVersion/"+second, `{"Title":"Third"}`).Status)
	require.Equal(t, "Third", org.Row("ContentDocument", document)["Title"])
	require.Equal(t, 204, a.do("PATCH", "/sobjects/ContentDocument/"+document, `{"Title":"Fourth"}`).Status)
	require.Equal(t, "Fourth", org.Row("ContentVersion", second)["Title"])
	a.do("PATCH", "/sobjects/ContentVersion/"+first, `{"Title":"x"}`).refused(t, 400, "FIELD_INTEGRITY_EXCEPTION")
	a.do("PATCH", "/sobjects/ContentVersion/"+second, `{"VersionData":"eA=="}`).
		refused(t, 400, "INVALID_FIELD_FOR_INSERT_UPDATE")
	a.do("DELETE", "/sobjects/ContentVersion/"+second, nil).refused(t, 400, "INSUFFICIENT_ACCESS_OR_READONLY")
	a.do("POST", "/sobjects/ContentVersion", fields{
		"PathOnClient": "a", "VersionData": "eA==", "ContentDocumentId": document, "FirstPublishLocationId": org.UserID(),
	}).refused(t, 400, "FIELD_INTEGRITY_EXCEPTION")
}

func TestFileGoesWithItsDocument(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	version, document := upload(a, org, fields{"PathOnClient": "a.txt"})
	require.Equal(t, 204, a.do("DELETE", "/sobjects/ContentDocument/"+document, nil).Status)
	require.Zero(t, org.Count("ContentVersion")+org.Count("ContentDocumentLink"))
	a.do("GET", "/sobjects/ContentVersion/"+version+"/VersionData", nil).refused(t, 404, "NOT_FOUND")
	org.Undelete("ContentDocument", document)
	require.Equal(t, 200, a.do("GET", "/sobjects/ContentVersion/"+version+"/VersionData", nil).Status)
	require.Equal(t, version, org.Row("ContentDocument", document)["LatestPublishedVersionId"])
	a.do("GET", "/sobjects/ContentVersion/068dM00000zzzzz/VersionData", nil).refused(t, 404, "NOT_FOUND")
	org.HideField("ContentVersion", "VersionData")
	a.do("GET", "/sobjects/ContentVersion/"+version+"/VersionData", nil).refused(t, 404, "NOT_FOUND")
	a.do("PUT", "/sobjects/ContentVersion/"+version+"/VersionData", "x").refused(t, 405, "METHOD_NOT_ALLOWED")
}

func TestFileIsLinkedOnce(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	_, document := upload(a, org, fields{"PathOnClient": "a.txt"})
	lead := addLead(org, "ada@example.com")
	link := fields{"ContentDocumentId": document, "LinkedEntityId": lead, "ShareType": "V"}
	res := a.do("POST", "/sobjects/ContentDocumentLink", link)
	require.Equal(t, 201, res.Status, res.Text)
	require.Equal(t, "06A", res.id()[:3])
	require.Equal(t, "AllUsers", org.Row("ContentDocumentLink", res.id())["Visibility"])
	require.NotContains(t, org.Row("ContentDocumentLink", res.id()), "CreatedDate", "it has no such field")
	again := a.do("POST", "/sobjects/ContentDocumentLink", link)
	again.refused(t, 400, "DUPLICATE_VALUE")
	require.Equal(t, "Document with ID: "+document[:15]+" is already linked with the entity with ID: "+lead[:15],
		again.at(0, "message"))
	require.Equal(t, []any{"LinkedEntityId"}, again.at(0, "fields"))
	contact := addContact(org, "c@example.com")
	for field, want := range map[string]string{
		`"ShareType":"X"`: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", `"ShareType":null`: "REQUIRED_FIELD_MISSING",
		`"ShareType":"V","ContentDocumentId":null`: "REQUIRED_FIELD_MISSING",
	} {
		a.do("POST", "/sobjects/ContentDocumentLink",
			`{"ContentDocumentId":"`+document+`","LinkedEntityId":"`+contact+`",`+field+`}`).refused(t, 400, want)
	}
	require.Equal(t, 204, a.do("PATCH", "/sobjects/ContentDocumentLink/"+res.id(),
		`{"ShareType":"C","Visibility":"InternalUsers"}`).Status)
	a.do("PATCH", "/sobjects/ContentDocumentLink/"+res.id(), fields{"LinkedEntityId": contact}).
		refused(t, 400, "INVALID_FIELD_FOR_INSERT_UPDATE")
	require.Equal(t, 204, a.do("DELETE", "/sobjects/ContentDocumentLink/"+res.id(), nil).Status)
	require.Equal(t, 201, a.do("POST", "/sobjects/ContentDocumentLink", link).Status)
	require.Equal(t, 204, a.do("DELETE", "/sobjects/Lead/"+lead, nil).Status)
	require.Equal(t, 1, org.Count("ContentDocumentLink"), "the owner's is left")
}

func TestNewOwnerOfAFileGetsTheLink(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	version, document := upload(a, org, fields{"PathOnClient": "a.txt"})
	owners := func() []string {
		return a.column("SELECT LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId = '"+document+"'",
			"LinkedEntityId")
	}
	user := org.Insert("User", fields{"LastName": "Rep", "Username": "rep@example.com", "IsActive": true})
	require.Equal(t, 204, a.do("PATCH", "/sobjects/ContentDocument/"+document, fields{"OwnerId": user}).Status)
	require.Equal(t, []string{user}, owners())
	require.Equal(t, user, org.Row("ContentVersion", version)["OwnerId"])
	version, _ = upload(a, org, fields{"PathOnClient": "b.txt", "ContentDocumentId": document})
	require.Equal(t, []string{user}, owners(), "a new version has the same owner")
	require.Equal(t, 204, a.do("PATCH", "/sobjects/ContentVersion/"+version, fields{"OwnerId": org.UserID()}).Status)
	require.Equal(t, []string{org.UserID()}, owners())
}

// Recorded (docs/salesforce.md, Files).
func TestLinksAreFoundByTheirIDsOnly(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	lead := addLead(org, "ada@example.com")
	_, document := upload(a, org, fields{"PathOnClient": "a.txt", "FirstPublishLocationId": lead})
	entity, of := "LinkedEntityId = '"+lead+"'", "ContentDocumentId = '"+document+"'"
	for where, found := range map[string]float64{
		entity: 1, of: 2, "ContentDocumentId IN ('" + document + "')": 2,
		"LinkedEntityId IN (SELECT Id FROM Lead WHERE Email = 'ada@example.com')":       1,
		entity + " AND ContentDocument.Title = 'a'":                                     1,
		entity + " AND (ShareType = 'C' OR ShareType = 'I')":                            0,
		"l.LinkedEntityId = '" + lead + "' AND ContentDocumentLink.IsDeleted = false":   1,
		"contentdocumentlink.contentdocumentid = '" + document + "' AND " + entity + "": 1,
	} {
		res := a.query("SELECT Id FROM ContentDocumentLink l WHERE " + where)
		require.Equal(t, found, res.at("totalSize"), "%s: %s", where, res.Text)
	}
	const needsID = "Implementation restriction: ContentDocumentLink requires a filter by a single Id on" +
		" ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator."
	const idsOnly = "Implementation restriction: filtering on non-id fields is only permitted when filtering by" +
		" ContentDocumentLink.LinkedEntityId using the equals operator."
	for soql, text := range map[string]string{
		"SELECT Id FROM ContentDocumentLink":                                                              needsID,
		"SELECT count() FROM ContentDocumentLink":                                                         needsID,
		"SELECT Id FROM ContentDocumentLink WHERE ShareType = 'V'":                                        needsID,
		"SELECT Id FROM ContentDocumentLink WHERE LinkedEntity.Type = 'Lead'":                             needsID,
		"SELECT Id FROM ContentDocumentLink WHERE ContentDocumentId NOT IN ('x')":                         needsID,
		"SELECT Id FROM ContentDocumentLink WHERE NOT " + of:                                              needsID,
		"SELECT Id FROM ContentDocumentLink WHERE " + entity + " OR " + of:                                needsID,
		"SELECT Id FROM Lead WHERE Id IN (SELECT LinkedEntityId FROM ContentDocumentLink)":                needsID,
		"SELECT Id FROM ContentDocumentLink WHERE " + of + " AND ShareType = 'V'":                         idsOnly,
		"SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId IN ('" + lead + "') AND ShareType = 'V'": idsOnly,
	} {
		res := a.query(soql)
		res.refused(t, 400, "MALFORMED_QUERY")
		require.Equal(t, text, res.at(0, "message"), soql)
	}
	org.SetPermission("PermissionsQueryAllFiles", true)
	require.Equal(t, 2.0, a.query("SELECT Id FROM ContentDocumentLink").at("totalSize"))
}

func TestContentIsNoPartOfOtherAnswers(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	version, _ := upload(a, org, fields{"PathOnClient": "a.txt"})
	path := base + "/sobjects/ContentVersion/" + version + "/VersionData"
	part := a.composite(false, get("v", "/sobjects/ContentVersion/"+version+"/VersionData"))[0]
	part.refused(t, 400, "INVALID_INPUT")
	res := a.do("GET", "/composite/sobjects/ContentVersion?ids="+version+"&fields=VersionData", nil)
	require.Equal(t, path, res.at(0, "VersionData"), res.Text)
	a.query("SELECT Id FROM ContentVersion WHERE VersionData != null").refused(t, 400, "INVALID_FIELD")
	a.query("SELECT Id FROM ContentVersion ORDER BY VersionData").refused(t, 400, "INVALID_FIELD")
	a.query("SELECT VersionData FROM ContentVersion GROUP BY VersionData").refused(t, 400, "INVALID_FIELD")
	a.do("POST", "/jobs/query", `{"operation":"query","query":"SELECT VersionData FROM ContentVersion"}`).
		refused(t, 400, "API_ERROR")
	f := describedField(t, a.do("GET", "/sobjects/ContentVersion/describe", nil), "VersionData")
	require.Equal(t, []any{"base64", "xsd:base64Binary", false, false, false}, []any{
		f["type"], f["soapType"], f["filterable"], f["sortable"], f["groupable"],
	})
}

// A collection that fails in part leaves nothing of the file that failed.
func TestFilesOfACollection(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	res := a.do("POST", "/composite/sobjects", collection(false,
		rows("ContentVersion", `{"PathOnClient":"a.txt","VersionData":"eA=="}`, `{"PathOnClient":"b.txt"}`)))
	require.Equal(t, []string{"", "REQUIRED_FIELD_MISSING"}, res.rowCodes(), res.Text)
	require.Equal(t, []int{1, 1, 1}, []int{
		org.Count("ContentVersion"), org.Count("ContentDocument"), org.Count("ContentDocumentLink"),
	})
	part := a.composite(true, post("v", "/sobjects/ContentVersion", fields{"PathOnClient": "c", "VersionData": "eA=="}),
		post("l", "/sobjects/Lead", fields{"City": "Rome"}))
	require.Equal(t, "PROCESSING_HALTED", part[0].code())
	require.Equal(t, 1, org.Count("ContentDocument"), "rolled back")
}

func TestContentInABulkJobFailsTheTest(t *testing.T) {
	t.Parallel()
	tb := &spy{}
	org := sftest.NewOrg(tb, sftest.WithBulkPolls(0))
	defer org.Close()
	a := &api{t, org}
	job := a.load(fields{"object": "ContentVersion", "operation": "insert"}, "PathOnClient,VersionData\na.txt,eA==\n")
	a.ended(job, "JobComplete")
	require.Contains(t, a.lines(job + "/failedResults")[0], "NOT_IMPLEMENTED")
	require.Len(t, tb.complaints, 1)
	require.Zero(t, org.Count("ContentVersion"))
}

// docs/salesforce.md, Limits. A body that is too large is not kept.
func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	large := bytes.Repeat([]byte("x"), 39_400_000)
	res := a.do("POST", "/sobjects/ContentVersion", fields{"PathOnClient": "a.bin", "VersionData": large[:1_000_000]})
	require.Equal(t, 201, res.Status, "a []byte is base64 in JSON")
	res = a.do("POST", "/sobjects/ContentVersion", fields{"PathOnClient": "a.bin", "VersionData": large})
	res.refused(t, 400, "JSON_PARSER_ERROR")
	require.Contains(t, res.at(0, "message"), "Maximum size of request is 52428800 bytes.")
	res = a.postParts("POST", "/sobjects/ContentVersion",
		formPart{"entity_content", "", "application/json", `{"PathOnClient":"a.bin"}`},
		formPart{"VersionData", "a.bin", "application/octet-stream", string(large)})
	require.Equal(t, 201, res.Status, "in parts it is no problem")
	require.Equal(t, len(large), org.Row("ContentVersion", res.id())["ContentSize"])
	left := a.do("GET", "/limits", nil).at("FileStorageMB").(map[string]any)
	require.Zero(t, left["Remaining"])

	packed := &bytes.Buffer{}
	z := gzip.NewWriter(packed)
	_, err := z.Write(bytes.Repeat(large[:1_000_000], 60))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	a.do("POST", "/sobjects/Lead", packed.String(), "Content-Encoding", "gzip").refused(t, 400, "JSON_PARSER_ERROR")

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, org.URL()+base+"/sobjects/ContentVersion",
		http.NoBody)
	require.NoError(t, err)
	r.ContentLength = 3 << 30
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.Header.Set("Authorization", "Bearer "+org.Token())
	w := &recorded{header: http.Header{}}
	org.Handler().ServeHTTP(w, r)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.status)
}

// recorded is a response's head.
type recorded struct {
	header http.Header
	status int
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) WriteHeader(status int)      { r.status = status }
func (r *recorded) Write(b []byte) (int, error) { return len(b), nil }

func TestANewContentOfAVersionIsMeasured(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	version, document := upload(a, org, fields{"PathOnClient": "a.txt"})
	org.Update("ContentVersion", version, fields{"VersionData": []byte("other")})
	row, sum := org.Row("ContentVersion", version), md5.Sum([]byte("other"))
	require.Equal(t, []any{5, hex.EncodeToString(sum[:]), 5},
		[]any{row["ContentSize"], row["Checksum"], org.Row("ContentDocument", document)["ContentSize"]})
}

// allocated returns how many bytes the process has taken so far.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

// The size that a header claims takes no memory, nor does what nobody may send. It does not run
// beside other tests, whose memory would count.
func TestARequestTakesNoMemoryBeforeItCounts(t *testing.T) {
	org, _ := newAPI(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write(make([]byte, 1<<20))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	bomb := bytes.Repeat(packed.Bytes(), 600) // a gzip file may have several members
	const rows, form = "/jobs/ingest/x/batches", "multipart/form-data; boundary=x"
	for name, tc := range map[string]struct {
		path, kind string
		length     int64 // that the header has; 0 sends the packed body
		status     int
	}{
		"a length":                  {base + rows, "text/csv", 2_000_000_000, 401},
		"a length within the limit": {base + "/sobjects/Lead", "application/json", 50_000_000, 401},
		"a packed file":             {base + "/sobjects/ContentVersion", form, 0, 401},
		"packed rows":               {base + rows, "text/csv", 0, 401},
		"a packed login":            {"/services/Soap/u/62.0", "text/xml", 0, 500},
		"a packed grant":            {"/services/oauth2/token", "application/x-www-form-urlencoded", 0, 413},
		"the first Bulk API":        {"/services/async/62.0/job", "application/json", 0, 413},
		"another service":           {"/services/other", "text/plain", 0, 413},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, org.URL()+tc.path, bytes.NewReader(bomb))
		require.NoError(t, err)
		r.Header.Set("Content-Type", tc.kind)
		r.Header.Set("Authorization", "Bearer wrong")
		if tc.length == 0 {
			r.Header.Set("Content-Encoding", "gzip")
		} else {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("a,b")), tc.length
		}
		w := &recorded{header: http.Header{}}
		before := allocated()
		org.Handler().ServeHTTP(w, r)
		require.Equal(t, tc.status, w.status, name)
		require.Less(t, allocated()-before, uint64(512<<20), name)
	}
}

func TestFilesAreRestoredWithASnapshot(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	lead := addLead(org, "ada@example.com")
	version := org.Insert("ContentVersion", fields{
		"PathOnClient": "a.txt", "VersionData": []byte("old"), "FirstPublishLocationId": lead,
	})
	document := org.Row("ContentVersion", version)["ContentDocumentId"].(string)
	snapshot := org.Snapshot()
	upload(a, org, fields{"PathOnClient": "a.txt", "ContentDocumentId": document})
	require.Equal(t, 204, a.do("DELETE", "/sobjects/ContentDocument/"+document, nil).Status)
	org.Restore(snapshot)
	require.Equal(t, "old", a.do("GET", "/sobjects/ContentVersion/"+version+"/VersionData", nil).Text)
	require.Equal(t, []string{version}, a.column("SELECT Id FROM ContentVersion WHERE IsLatest = true", "Id"))
	require.Equal(t, 2, org.Count("ContentDocumentLink"))
}

// Tests see the content that is written, and cannot change what is stored.
func TestRulesSeeTheContent(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	org.AddRule("ContentVersion", sftest.Rule{Name: "NoHTML", Message: "no HTML", Refuses: func(row map[string]any) bool {
		data := row["VersionData"].([]byte)
		defer clear(data)
		return bytes.HasPrefix(data, []byte("<html"))
	}})
	a.do("POST", "/sobjects/ContentVersion", fields{"PathOnClient": "a", "VersionData": []byte("<html>")}).
		refused(t, 400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
	res := a.do("POST", "/sobjects/ContentVersion", fields{"PathOnClient": "a", "VersionData": []byte("text")})
	require.Equal(t, "text", a.do("GET", "/sobjects/ContentVersion/"+res.id()+"/VersionData", nil).Text)
	require.Equal(t, 1, org.Count("ContentDocument"), "nothing is left of the refused file")
}

// A merge moves the files, but for one that the winner has already.
func TestFilesMoveWithAMerge(t *testing.T) {
	t.Parallel()
	org, a := newAPI(t)
	winner, loser := addLead(org, "w@example.com"), addLead(org, "l@example.com")
	_, own := upload(a, org, fields{"PathOnClient": "a.txt", "FirstPublishLocationId": loser})
	_, both := upload(a, org, fields{"PathOnClient": "b.txt", "FirstPublishLocationId": loser})
	org.Insert("ContentDocumentLink", fields{"ContentDocumentId": both, "LinkedEntityId": winner, "ShareType": "V"})
	org.Merge("Lead", winner, loser)
	require.ElementsMatch(t, []string{own, both}, a.column(
		"SELECT ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId = '"+winner+"'", "ContentDocumentId"))
}

func TestFileTypes(t *testing.T) {
	t.Parallel()
	org := sftest.NewOrg(t)
	for name, want := range map[string]string{
		"a.docx": "WORD_X", "a.doc": "WORD", "a.xlsx": "EXCEL_X", "a.xls": "EXCEL", "a.pptx": "POWER_POINT_X",
		"a.PPT": "POWER_POINT", "a.txt": "TEXT", "a.htm": "HTML", "a.png": "PNG", "a.jpeg": "JPG", "a.csv": "CSV",
		"a": "UNKNOWN", "a.nope": "UNKNOWN", "a." + strings.Repeat("x", 41): "UNKNOWN", "": "UNKNOWN",
		"dir.d/": "UNKNOWN", ".": "UNKNOWN",
	} {
		id := org.Insert("ContentVersion", fields{"PathOnClient": name, "VersionData": []byte("x")})
		require.Equal(t, want, org.Row("ContentVersion", id)["FileType"], name)
	}
}
