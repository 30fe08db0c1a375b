# SPDX-License-Identifier: Apache-2.0

"""A whole scenario against fakeorg, with Python's standard library alone.

Usage: scenario.py, with what fakeorg -control prints on standard input.
"""

import base64
import hashlib
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

start = json.load(sys.stdin)
VERSION = "/services/data/v62.0"


def request(url, method="GET", body=None, token=None, form=None):
    """Sends a request, and returns the status and the decoded answer."""
    data, headers = None, {}
    if body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    if form is not None:
        data = urllib.parse.urlencode(form).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if token is not None:
        headers["Authorization"] = "Bearer " + token
    sent = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(sent) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text else None


def control(method, path, body=None, token=start["control_token"], status=200):
    got, answer = request(start["control"] + path, method, body, token)
    expect(got, status, "%s %s: %s" % (method, path, answer))
    return answer


def expect(got, want, what):
    if got != want:
        sys.exit("%s: got %r, want %r" % (what, got, want))


class Client:
    """The client under test: it repeats a 503 once, and renews its token."""

    def __init__(self, org):
        self.url, self.token, self.refresh_token = org["url"], org["token"], org["refresh_token"]

    def send(self, method, path, body=None):
        for _ in range(3):
            status, answer = request(self.url + VERSION + path, method, body, self.token)
            if status == 401:
                expect(self.refresh()[0], 200, "a refresh")
            elif status != 503:
                return status, answer
        return status, answer

    def refresh(self):
        status, answer = request(self.url + "/services/oauth2/token", "POST", form={
            "grant_type": "refresh_token", "refresh_token": self.refresh_token, "client_id": "demo"})
        if status == 200:
            self.token = answer["access_token"]
        return status, answer

    def upload(self, fields, content):
        """Sends a file in two parts."""
        part = '--boundary\r\nContent-Disposition: form-data; name="%s"%s\r\nContent-Type: %s\r\n\r\n'
        body = (part % ("entity_content", "", "application/json") + json.dumps(fields) + "\r\n" +
                part % ("VersionData", '; filename="badge.bin"', "application/octet-stream")).encode()
        sent = urllib.request.Request(
            self.url + VERSION + "/sobjects/ContentVersion", data=body + content + b"\r\n--boundary--\r\n", headers={
                "Authorization": "Bearer " + self.token, "Content-Type": "multipart/form-data; boundary=boundary"})
        with urllib.request.urlopen(sent) as answer:
            return json.load(answer)

    def download(self, version):
        sent = urllib.request.Request(self.url + VERSION + "/sobjects/ContentVersion/" + version + "/VersionData",
                                      headers={"Authorization": "Bearer " + self.token})
        with urllib.request.urlopen(sent) as answer:
            return answer.read()

    def query(self, soql):
        status, answer = self.send("GET", "/query?q=" + urllib.parse.quote(soql))
        expect(status, 200, soql)
        return answer["records"]


# The schema file: an object, a rule, an app and a row.
client = Client(start)
rows = client.query("SELECT Name, Lead__r.LastName FROM Visit__c")
expect([(r["Name"], r["Lead__r"]["LastName"]) for r in rows], [("First", "Lovelace")], "the rows of the schema")
status, answer = client.send("POST", "/sobjects/Lead", {"LastName": "Babbage", "Company": "Engines"})
expect((status, answer[0]["errorCode"]), (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"), "the rule of the schema")

# A fault, for the first create only: the client tries again.
control("PUT", "/faults", [{"method": "POST", "path": "/sobjects/Lead$", "status": 503, "times": 1}])
status, made = client.send("POST", "/sobjects/Lead", {"LastName": "Babbage", "Company": "E", "Email": "b@example.com"})
expect(status, 201, "a create after a 503")
log = control("GET", "/requests")
expect([r["status"] for r in log if r["method"] == "POST"], [400, 503, 201], "the log")
expect(sum(r["written"] for r in log), 1, "what was written")
control("PUT", "/faults", [{"status": 1}], status=400)

# Another process holds the record, once.
control("POST", "/lock", {"object": "Lead", "id": made["id"], "tries": 1})
status, refused = client.send("PATCH", "/sobjects/Lead/" + made["id"], {"Title": "Dr."})
expect(refused[0]["errorCode"], "UNABLE_TO_LOCK_ROW", "a locked record")
expect(client.send("PATCH", "/sobjects/Lead/" + made["id"], {"Title": "Dr."})[0], 204, "the record after it")

# The session ends, and the client gets another.
control("POST", "/expire")
expect(len(client.query("SELECT Id FROM Lead")), 2, "after the session has ended")

# The org refuses the refresh, once.
control("POST", "/refuse-tokens", {"why": "ip-restricted", "times": 1})
expect(client.refresh()[1]["error_description"], "ip restricted", "a refused refresh")
expect(client.refresh()[0], 200, "the refresh after it")

# Another user changes the record.
control("PATCH", "/rows/Lead/" + made["id"], {"Title": "Engineer"})
expect(client.query("SELECT Title FROM Lead WHERE Id = '%s'" % made["id"])[0]["Title"], "Engineer", "another user")
control("DELETE", "/rows/Lead/" + made["id"])
expect(len(client.query("SELECT Id FROM Lead")), 1, "after another user's delete")
control("POST", "/rows/Lead/%s/undelete" % made["id"])
ids = control("POST", "/convert", {"lead": made["id"]})
expect(client.query("SELECT Id FROM Contact WHERE LastName = 'Babbage'")[0]["Id"], ids["contactId"], "the converted Lead")
taken = control("POST", "/snapshot")

# A month without use ends the refresh token.
control("POST", "/clock", {"advance": "720h"})
expect(client.refresh()[1]["error_description"], "expired access/refresh token", "a month later")
control("POST", "/rows/Lead", {"LastName": "Late", "Company": "C"})
control("POST", "/restore", taken)
expect(len(control("GET", "/rows/Lead")), 2, "the rows of the snapshot")

# The calls of the day are used up, and no session is lost.
limits = control("POST", "/limits", {"apiCalls": 0})
expect(limits["storageRows"], 0, "the other limits")
status, answer = request(client.url + VERSION + "/limits", token=client.token)
expect((status, answer[0]["errorCode"]), (403, "REQUEST_LIMIT_EXCEEDED"), "a limit of the running org")
control("POST", "/limits", {"apiCalls": 15000})
expect(client.send("GET", "/limits")[1]["DailyApiRequests"]["Max"], 15000, "the limit after it")

# What the org consists of, and how a query would be run.
definition = "SELECT DataType, IsIndexed FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Visit__c'"
status, page = client.send("GET", "/tooling/query?q=" + urllib.parse.quote(definition + " AND DeveloperName = 'Lead'"))
expect([(r["DataType"], r["IsIndexed"]) for r in page["records"]], [("Lookup(Lead)", True)], "a field's definition")
status, page = client.send("GET", "/query?explain=" + urllib.parse.quote("SELECT Id FROM Visit__c WHERE Name = 'First'"))
expect(page["plans"][0]["leadingOperationType"], "Index", "a query plan")

# Everything anew, with a limit on API calls.
org = control("POST", "/reset", {"apiCalls": 2})
expect(org["url"], start["url"], "the address after a reset")
client = Client(org)
expect(len(client.query("SELECT Id FROM Lead")), 1, "after a reset")
expect(control("GET", "/requests")[0]["calls"], 1, "the log after a reset")
client.query("SELECT Id FROM Lead")
status, answer = client.send("GET", "/limits")
expect((status, answer[0]["errorCode"]), (403, "REQUEST_LIMIT_EXCEEDED"), "the limit")

# Objects that every org has.
client = Client(control("POST", "/reset", {"apiCalls": 100}))
expect([r["Profile"]["Name"] for r in client.query("SELECT Profile.Name FROM User WHERE UserRole.Name = 'Sales'")],
       ["Standard User"], "the profile of a user with a role")
rows = client.query("SELECT Individual.HasOptedOutProcessing, (SELECT CaseNumber FROM Cases) FROM Contact")
expect(rows[0]["Individual"]["HasOptedOutProcessing"], True, "the privacy of a contact")
expect(rows[0]["Cases"]["records"][0]["CaseNumber"], "00001000", "the case of a contact")

# A file, in parts and as JSON, and back.
badge = bytes(range(256)) * 1000
fields = {"PathOnClient": "badge.bin", "FirstPublishLocationId": client.query("SELECT Id FROM Lead")[0]["Id"]}
made = client.upload(fields, badge)
expect(client.download(made["id"]), badge, "a file in parts")
version = client.query("SELECT VersionData, Checksum, ContentDocumentId FROM ContentVersion WHERE Id = '%s'" % made["id"])
expect(version[0]["Checksum"], hashlib.md5(badge).hexdigest(), "the checksum")
expect(version[0]["VersionData"].endswith("/VersionData"), True, "the path of the content")
document = version[0]["ContentDocumentId"]
status, made = client.send("POST", "/sobjects/ContentVersion", {
    "ContentDocumentId": document, "PathOnClient": "badge.txt", "VersionData": base64.b64encode(b"new").decode()})
expect(status, 201, made)
expect(client.download(made["id"]), b"new", "the next version")
rows = client.query("SELECT LinkedEntity.Type, ContentDocument.Title FROM ContentDocumentLink"
                    " WHERE ContentDocumentId = '%s'" % document)
expect(sorted(r["LinkedEntity"]["Type"] for r in rows), ["Lead", "User"], "who has the file")
rows = client.query("SELECT (SELECT ContentDocument.LatestPublishedVersionId FROM ContentDocumentLinks) FROM Contact")
of_schema = rows[0]["ContentDocumentLinks"]["records"][0]["ContentDocument"]["LatestPublishedVersionId"]
expect(client.download(of_schema), b"A map", "the file of the schema")

# Nobody without the token.
control("GET", "/org", token=org["token"], status=401)
print("done")
