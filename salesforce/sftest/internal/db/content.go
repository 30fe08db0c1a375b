// SPDX-License-Identifier: Apache-2.0

package db

import (
	"crypto/md5" // the checksum that Salesforce shows
	"encoding/hex"
	"path"
	"strconv"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest/internal/wire"
)

// Shown returns the field's value as answers have it: of content, the path that returns it
// (recorded, docs/salesforce.md, Files).
func (d *DB) Shown(r *Row, f *Field, version string) any {
	v := d.Value(r, f)
	if _, ok := v.(*Blob); ok {
		return r.URL(version) + "/" + f.Name
	}
	return v
}

// publicLibrary is the PublishStatus of a file that is not the user's alone.
const publicLibrary = "P"

// prepareVersion computes what a version says of its file, and refuses what is no next version
// (docs/salesforce.md, Files).
func prepareVersion(d *DB, s *Save) []*wire.RowError {
	if s.Row != nil && s.Row.Get("IsLatest") != true {
		return []*wire.RowError{wire.NewRowError("FIELD_INTEGRITY_EXCEPTION", // unverified
			"Only the latest version of a document can be updated.")}
	}
	if s.given["VersionData"] != nil {
		s.describeContent()
	}
	if s.after["VersionNumber"] != nil {
		return nil // an update
	}
	latest := d.latestVersion(wire.TextOf(s.after["ContentDocumentId"]))
	number := 1
	if latest != nil {
		number, _ = strconv.Atoi(latest.Text("VersionNumber"))
		number++
	}
	s.after["VersionNumber"], s.after["IsLatest"] = strconv.Itoa(number), true
	s.after["ContentModifiedById"] = d.UserID
	if s.after["ContentModifiedDate"] == nil {
		s.after["ContentModifiedDate"] = d.SaveTime()
	}
	s.describeFile()
	place, owner := s.after["FirstPublishLocationId"], s.after["OwnerId"]
	switch {
	case latest != nil:
		place = latest.Get("FirstPublishLocationId")
		s.after["PublishStatus"] = latest.Get("PublishStatus")
		if s.given["OwnerId"] == nil { // unverified
			s.after["OwnerId"] = latest.Get("OwnerId")
		}
	case place == nil:
		place = owner
	case place != owner:
		s.after["PublishStatus"] = publicLibrary
	}
	s.after["FirstPublishLocationId"] = place
	return s.versionIncomplete()
}

// describeFile computes what follows from the name of a file.
func (s *Save) describeFile() {
	// The file may come from a computer of any kind.
	_, file := path.Split(strings.ReplaceAll(wire.TextOf(s.after["PathOnClient"]), `\`, "/"))
	extension := strings.TrimPrefix(path.Ext(file), ".")
	if s.after["Title"] == nil && file != "" { // unverified
		title := strings.TrimSuffix(file, "."+extension)
		s.after["Title"], s.given["Title"] = title, title // so that its length is checked
	}
	if len(extension) > s.Obj.Field("FileExtension").Length {
		extension = ""
	}
	s.after["FileType"] = fileType(extension)
	if extension != "" {
		s.after["FileExtension"] = extension
	}
}

// describeContent computes what follows from the content of a file.
func (s *Save) describeContent() {
	if blob, ok := s.after["VersionData"].(*Blob); ok {
		sum := md5.Sum(blob.data)
		s.after["Checksum"], s.after["ContentSize"] = hex.EncodeToString(sum[:]), len(blob.data)
	}
}

// versionIncomplete refuses a version without a file (code and text of the first are those of
// required fields, unverified).
func (s *Save) versionIncomplete() []*wire.RowError {
	var missing []string
	for _, name := range []string{"VersionData", "PathOnClient"} {
		if s.after[name] == nil {
			missing = append(missing, name)
		}
	}
	switch {
	case len(missing) > 0:
		return []*wire.RowError{wire.NewRowError("REQUIRED_FIELD_MISSING",
			"Required fields are missing: ["+wire.Join(missing)+"]", missing...)}
	case s.given["ContentDocumentId"] != nil && s.given["FirstPublishLocationId"] != nil: // unverified
		return []*wire.RowError{wire.NewRowError("FIELD_INTEGRITY_EXCEPTION",
			"First Publish Location ID: it can only be set when a document is created", "FirstPublishLocationId")}
	}
	return nil
}

// latestVersion returns the latest version of a document, nil if there is none.
func (d *DB) latestVersion(document string) *Row {
	doc := d.Find(document)
	if doc == nil {
		return nil
	}
	return d.Find(doc.Text("LatestPublishedVersionId"))
}

// documentFields are those that a document has of its latest version.
var documentFields = strings.Fields("Title Description FileType FileExtension ContentSize ContentModifiedDate" +
	" PublishStatus SharingOption SharingPrivacy OwnerId")

// versionSaved makes the document of its first version and the links to who and what has it,
// or makes another one the latest.
func versionSaved(d *DB, r *Row, created bool) {
	document := d.Find(r.Text("ContentDocumentId"))
	copied := map[string]any{"LatestPublishedVersionId": r.ID}
	for _, name := range documentFields {
		copied[name] = r.Get(name)
	}
	if document != nil {
		if old := d.Find(document.Text("LatestPublishedVersionId")); created && old != nil && old != r {
			d.Change(old, map[string]any{"IsLatest": false})
		}
		d.stamp(copied, false)
		d.changeOwner(document, document.Text("OwnerId"), r.Text("OwnerId"))
		d.Change(document, copied)
		return
	}
	document = d.seed("ContentDocument", copied)
	d.Change(r, map[string]any{"ContentDocumentId": document.ID})
	d.link(document.ID, r.Text("OwnerId"), "I")
	if place := r.Text("FirstPublishLocationId"); place != r.Text("OwnerId") {
		d.link(document.ID, place, "V")
	}
}

// link shares a document with a user or attaches it to a row. The rights of links that nobody
// asked for are those that Salesforce Help shows for a file that a user attaches.
func (d *DB) link(document, entity, share string) {
	d.seed("ContentDocumentLink", map[string]any{
		"ContentDocumentId": document, "LinkedEntityId": entity, "ShareType": share, "Visibility": "AllUsers",
	})
}

// prepareDocument refuses what the fake does not do with a document.
func prepareDocument(d *DB, s *Save) []*wire.RowError {
	if s.given["IsArchived"] == true {
		return []*wire.RowError{d.UnsupportedRow("an archived ContentDocument")}
	}
	return nil
}

// documentSaved gives the latest version the document's own values.
func documentSaved(d *DB, r *Row, created bool) {
	latest := d.Find(r.Text("LatestPublishedVersionId"))
	if created || latest == nil {
		return
	}
	d.changeOwner(r, latest.Text("OwnerId"), r.Text("OwnerId"))
	copied := map[string]any{}
	for _, name := range documentFields {
		copied[name] = r.Get(name)
	}
	d.Change(latest, copied)
}

// changeOwner gives the new owner of a document a link in place of the old one's (Object
// Reference, ContentDocument).
func (d *DB) changeOwner(document *Row, from, to string) {
	if from == to {
		return
	}
	links := d.object("ContentDocumentLink")
	for _, link := range links.lookup(links.Field("ContentDocumentId"), document.ID) {
		if entity := link.Text("LinkedEntityId"); entity == from || entity == to {
			d.deleteRow(link)
		}
	}
	d.link(document.ID, to, "I")
}

// prepareLink refuses a second link, and one without a right (Object Reference,
// ContentDocumentLink; recorded of a second one: UnofficialSF/LightningFlowComponents#1647).
func prepareLink(d *DB, s *Save) []*wire.RowError {
	document, entity := wire.TextOf(s.after["ContentDocumentId"]), wire.TextOf(s.after["LinkedEntityId"])
	if s.Op != OpCreate || document == "" || entity == "" {
		return nil // the required fields are checked later
	}
	if s.after["ShareType"] == nil { // unverified: describe says that it may be null
		return []*wire.RowError{wire.NewRowError("REQUIRED_FIELD_MISSING",
			"Required fields are missing: [ShareType]", "ShareType")}
	}
	for _, other := range s.Obj.lookup(s.Obj.Field("ContentDocumentId"), document) {
		if other.Text("LinkedEntityId") == entity {
			return []*wire.RowError{wire.NewRowError("DUPLICATE_VALUE",
				"Document with ID: "+document[:15]+" is already linked with the entity with ID: "+entity[:15],
				"LinkedEntityId")}
		}
	}
	return nil
}

// fileType returns the FileType of an extension; most are unverified.
func fileType(extension string) string {
	extension = strings.ToLower(extension)
	switch extension {
	case "":
		return "UNKNOWN"
	case "docx", "xlsx", "pptx", "doc", "xls", "ppt":
		kind, modern := strings.CutSuffix(extension, "x")
		kind = map[string]string{"doc": "WORD", "xls": "EXCEL", "ppt": "POWER_POINT"}[kind]
		if modern {
			kind += "_X"
		}
		return kind
	case "jpeg":
		return "JPG"
	case "txt", "log":
		return "TEXT"
	case "htm":
		return "HTML"
	case "pdf", "png", "gif", "jpg", "bmp", "csv", "html", "xml", "zip", "rtf", "mp3", "mp4", "svg", "json":
		return strings.ToUpper(extension)
	}
	return "UNKNOWN"
}

// FileBytes returns how many bytes the files of the org take.
func (d *DB) FileBytes() int {
	total := 0
	for _, r := range d.object("ContentVersion").Rows {
		if blob, ok := r.Get("VersionData").(*Blob); ok {
			total += len(blob.data)
		}
	}
	return total
}
