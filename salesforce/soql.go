package salesforce

// A Select is a SOQL statement under construction. Values enter it only
// through conditions, which quote them; identifiers are checked. There is no
// way to put raw text into a statement.
type Select struct {
	fields  []string
	from    Object
	where   Condition
	orderBy []string
	limit   int
}

// From starts a statement that selects fields of an object. Fields may reach
// over parent relationships with dots.
func From(object Object, fields ...string) *Select {
	return &Select{from: object, fields: fields}
}

// Where sets the condition, and returns q.
func (q *Select) Where(c Condition) *Select {
	q.where = c
	return q
}

// OrderBy sets the fields to order by, each ascending unless it ends in
// " DESC", and returns q.
func (q *Select) OrderBy(fields ...string) *Select {
	q.orderBy = fields
	return q
}

// Limit bounds the number of rows, and returns q. Zero means no limit.
func (q *Select) Limit(rows int) *Select {
	q.limit = rows
	return q
}

// A Condition is a part of a WHERE clause: Eq, In, Like, And and their kin
// make one. The zero Condition is no condition: Where, And and Or leave it out.
type Condition struct {
	soql string
	err  error
}
