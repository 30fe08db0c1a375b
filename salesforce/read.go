package salesforce

// A ReadKind says what a Read asks for.
type ReadKind int

// The kinds of read.
const (
	// ReadQuery is a SOQL query, all its pages.
	ReadQuery ReadKind = iota
	// ReadQueryAll is ReadQuery with deleted, merged and archived rows.
	ReadQueryAll
	// ReadRecord is one record by id.
	ReadRecord
	// ReadDescribe is an object's describe.
	ReadDescribe
)

// A Read is one thing to ask of Salesforce. Make it with Query, QueryAll, Get
// or DescribeObject.
type Read struct {
	Kind ReadKind
	// Query is the statement of ReadQuery and ReadQueryAll.
	Query *Select
	// Object is what ReadRecord and ReadDescribe name.
	Object Object
	// ID is ReadRecord's.
	ID ID
	// Fields are the fields of ReadRecord; none means all that the user may see.
	Fields []string
	// Since is ReadDescribe's cache validator: the LastModified of an earlier
	// Describe. Empty asks for the describe whatever its age.
	Since string
}

// Query reads all rows of a query.
func Query(q *Select) Read { return Read{Kind: ReadQuery, Query: q} }

// QueryAll reads all rows of a query, those deleted, merged away or archived
// among them.
func QueryAll(q *Select) Read { return Read{Kind: ReadQueryAll, Query: q} }

// Get reads one record by its id.
func Get(object Object, id ID, fields ...string) Read {
	return Read{Kind: ReadRecord, Object: object, ID: id, Fields: fields}
}

// DescribeObject reads an object's describe. With since, the LastModified of
// an earlier describe, an unchanged one answers NotModified and no body.
func DescribeObject(object Object, since string) Read {
	return Read{Kind: ReadDescribe, Object: object, Since: since}
}

// A ReadResult answers one Read.
type ReadResult struct {
	// Records are the rows of a query, all pages, or the one record of ReadRecord.
	Records []Record
	// Describe is ReadDescribe's, nil when NotModified.
	Describe *Describe
	// NotModified says that the describe is as it was at Since.
	NotModified bool
	// Err is why this read failed, a *Error where Salesforce answered. A failed
	// read has no rows: a part of the pages is never given out as the whole.
	Err error
}
