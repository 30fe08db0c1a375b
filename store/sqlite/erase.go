// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/leadsync/leadsync/store/sqlite/internal/multirow"
)

// secure_delete overwrites a row where it is deleted. It does not reach copies: when
// SQLite moves rows from one page to another to balance a tree, they stay in the
// page that they left, between its list of cells and the first of them, until
// something else needs the space. Those bytes are unused, so erase looks for
// pages where they are not zero and clears them. It looks at the pages that have
// changed since it last did, and at all of them the first time in a process.

// blankedAtOnce is how many pages one transaction of erase writes. Captures wait that
// long, and the log stays small.
const blankedAtOnce = 1000

// erase clears what the deleted rows left in the pages and in the log. patient waits some
// seconds for readers of the log, and captures with it.
func (s *Store) erase(ctx context.Context, patient bool) error {
	select {
	case s.erasing <- struct{}{}:
		defer func() { <-s.erasing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := s.noticeWriters(ctx); err != nil {
		return err
	}
	changed := s.changes.take()
	if err := s.blankPages(ctx, changed); err != nil {
		s.changes.putBack(changed)
		return err
	}
	return s.emptyLog(ctx, patient)
}

// noticeWriters has all pages looked at when another program has written to the file:
// its pages were not noted.
func (s *Store) noticeWriters(ctx context.Context) error {
	var version int64
	if err := s.write.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&version); err != nil {
		return err
	}
	if version != s.dataVersion {
		s.changes.addAll()
		s.dataVersion = version
	}
	return nil
}

// blankPages clears those of the changed pages that need it.
func (s *Store) blankPages(ctx context.Context, changed pageSet) error {
	stale, err := s.stalePages(ctx, changed)
	if err != nil {
		return err
	}
	for len(stale) > 0 {
		n := min(len(stale), blankedAtOnce)
		if err := s.tx(ctx, "clear pages", func(tx *multirow.Tx) error { return rewrite(ctx, tx, stale[:n]) }); err != nil {
			return err
		}
		stale = stale[n:]
	}
	return nil
}

// rewrite clears pages as they are now.
func rewrite(ctx context.Context, tx *multirow.Tx, pages []int64) error {
	for _, number := range pages {
		var page []byte
		err := tx.QueryRowContext(ctx, `SELECT data FROM sqlite_dbpage WHERE pgno = ?`, number).Scan(&page)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !blank(number, page) {
			continue // it has changed meanwhile
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?`, page, number); err != nil {
			return err
		}
	}
	return nil
}

// stalePages returns those of the changed pages that have something in their unused bytes.
func (s *Store) stalePages(ctx context.Context, changed pageSet) ([]int64, error) {
	var count int64
	if err := s.read.QueryRowContext(ctx, `PRAGMA page_count`).Scan(&count); err != nil {
		return nil, err
	}
	if count >= maxPages {
		return nil, fmt.Errorf("the file has %d pages, more than can be cleared", count)
	}
	if changed.all {
		return s.staleAmong(ctx, `SELECT pgno, data FROM sqlite_dbpage`)
	}
	var stale []int64
	for number := range changed.numbers() {
		found, err := s.staleAmong(ctx, `SELECT pgno, data FROM sqlite_dbpage WHERE pgno = ?`, number)
		if err != nil {
			return nil, err
		}
		stale = append(stale, found...)
	}
	return stale, nil
}

// staleAmong returns those of a query's pages that have something in their unused bytes.
func (s *Store) staleAmong(ctx context.Context, query string, args ...any) ([]int64, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var stale []int64
	var copied []byte
	for rows.Next() {
		var number int64
		var page sql.RawBytes
		if err := rows.Scan(&number, &page); err != nil {
			return nil, err
		}
		copied = append(copied[:0], page...)
		if blank(number, copied) {
			stale = append(stale, number)
		}
	}
	return stale, rows.Err()
}

// blank overwrites with zeros what a page of a tree does not use, and reports whether
// there was something else (https://sqlite.org/fileformat2.html#b_tree_pages). Other
// pages, and malformed ones, are left unchanged.
func blank(number int64, page []byte) bool {
	header := 0
	if number == 1 {
		header = 100 // the file's own header comes first
	}
	if len(page) < header+12 {
		return false
	}
	word := func(at int) int { return int(binary.BigEndian.Uint16(page[at:])) }
	list := header + 8
	switch page[header] {
	case 2, 5: // inner pages
		list += 4
	case 10, 13: // leaves
	default:
		return false
	}
	end, content := list+2*word(header+3), word(header+5)
	if content == 0 {
		content = 1 << 16
	}
	if end > content || content > len(page) {
		return false
	}
	changed := zero(page[end:content])
	for block := word(header + 1); block >= content && block+4 <= len(page); {
		next, size := word(block), word(block+2)
		if size < 4 || block+size > len(page) {
			break
		}
		changed = zero(page[block+4:block+size]) || changed
		if next <= block {
			break
		}
		block = next
	}
	return changed
}

// zero overwrites b with zeros, and reports whether it held anything else.
func zero(b []byte) bool {
	held := len(bytes.TrimLeft(b, "\x00")) > 0
	clear(b)
	return held
}

// emptyLog checkpoints the log and truncates it. patient waits for readers.
func (s *Store) emptyLog(ctx context.Context, patient bool) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // returns it to the pool
	if !patient {
		if _, err := conn.ExecContext(ctx, `PRAGMA busy_timeout = 0`); err != nil {
			return err
		}
		defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), `PRAGMA busy_timeout = `+busyTimeout) }()
	}
	var busy, pages, moved int
	err = conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
	switch {
	case err != nil:
		return err
	case busy != 0:
		return fmt.Errorf("readers kept %d pages in the log", pages-moved)
	}
	return nil
}
