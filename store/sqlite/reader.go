// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// readers is the number of connections for reading, besides the writer.
const readers = 4

// A connector connects readers when they are needed, to the file that the writer has.
type connector struct {
	driver driver.Driver
	dsn    string
	files  *files
}

// Connect implements driver.Connector.
func (c *connector) Connect(context.Context) (driver.Conn, error) {
	if err := c.files.inPlace(); err != nil {
		return nil, err
	}
	conn, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	if err := c.files.inPlace(); err != nil { // else it may be another file
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// Driver implements driver.Connector.
func (c *connector) Driver() driver.Driver { return c.driver }

// readersOf returns the pool of readers.
func (s *Store) readersOf(path string) *sql.DB {
	db := sql.OpenDB(&connector{s.write.Driver(), dsn(path, append(pragmaValues(), "query_only(1)")...), &s.files})
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	return db
}
