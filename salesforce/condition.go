package salesforce

// The conditions and the rendering of a Select: contract only.

// String returns the statement, and "" where Build fails.
func (q *Select) String() string { panic("not implemented") }

// Build returns the statement. The error names the identifier or the value
// that cannot stand in one.
func (q *Select) Build() (string, error) { panic("not implemented") }

// Eq is field = value. The value is a string, bool, int, int64, float64, ID,
// Date, time.Time (a datetime) or nil; any other type is an error of Build. Ne,
// Lt, Le, Gt, Ge alike.
func Eq(field string, value any) Condition { panic("not implemented") }
func Ne(field string, value any) Condition { panic("not implemented") }
func Lt(field string, value any) Condition { panic("not implemented") }
func Le(field string, value any) Condition { panic("not implemented") }
func Gt(field string, value any) Condition { panic("not implemented") }
func Ge(field string, value any) Condition { panic("not implemented") }

// In is field IN (values). No values: a condition that no row meets (Id = null).
func In[T ~string](field string, values ...T) Condition { panic("not implemented") }

// InSelect is the semi-join field IN (SELECT ...).
func InSelect(field string, sub *Select) Condition { panic("not implemented") }

// Like is field LIKE pattern. Make the pattern from literals with Literal;
// Anything stands for any run of characters.
func Like(field string, parts ...LikePart) Condition { panic("not implemented") }

// A LikePart is a piece of a LIKE pattern: Literal or Anything.
type LikePart struct {
	text     string
	anything bool
}

// Literal matches text itself; %, _, quotes and backslashes in it are escaped.
func Literal(text string) LikePart { return LikePart{text: text} }

// Anything matches any run of characters, also none.
func Anything() LikePart { return LikePart{anything: true} }

// And, Or join conditions, leaving out zero ones, with the parentheses that
// SOQL wants; of none they are the zero Condition. Not negates one.
func And(conditions ...Condition) Condition { panic("not implemented") }
func Or(conditions ...Condition) Condition  { panic("not implemented") }
func Not(c Condition) Condition             { panic("not implemented") }

// SplitValues builds as few statements as hold all values with none longer than
// max characters: build is given a part of the values and returns the statement
// for them. A single value whose statement is too long gets one all the same,
// for Salesforce to refuse.
func SplitValues(values []string, max int, build func([]string) *Select) []*Select {
	panic("not implemented")
}

// MaxStatement is the longest SOQL statement in characters (SALESFORCE.md 0).
const MaxStatement = 100_000
