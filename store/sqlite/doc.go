// Package sqlite keeps captured leads in one SQLite file.
package sqlite

import _ "modernc.org/sqlite"
