// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/leadsync/leadsync"
	"github.com/leadsync/leadsync/leadcsv"
	"github.com/leadsync/leadsync/salesforce"
	"github.com/leadsync/leadsync/salesforce/sftest"
	"github.com/leadsync/leadsync/store/sqlite"
)

// A session is one run: leads, an org, and the Syncer between them.
type session struct {
	opts   *options
	leads  []*leadsync.Lead
	file   *leadcsv.Report // of the file that was read, nil for generated leads
	client *salesforce.Client
	syncer *leadsync.Syncer
	base   leadsync.Config    // of the syncer, without the settings
	set    *leadsync.Settings // of the file
	store  *sqlite.Store
	book   *ledger
	org    *sftest.Org // nil where it is not in this process
	start  time.Time
	// listener is that of the pages, nil without -serve.
	listener net.Listener
	// refused is how many leads Capture has refused.
	refused int
	log     io.Writer // progress and problems; never the JSON object
}

// quickstart does what the options ask for.
func quickstart(ctx context.Context, opts *options, getenv func(string) string, stdin io.Reader,
	stdout, stderr io.Writer) error {
	s := &session{opts: opts, start: time.Now(), log: stderr}
	config, err := readConfig(opts.config)
	if err != nil {
		return err
	}
	if err := s.readLeads(stdin); err != nil {
		return err
	}
	if err := s.listen(ctx); err != nil {
		return err
	}
	defer s.unlisten()
	client, org, disconnect, err := connect(opts, getenv)
	if err != nil {
		return err
	}
	defer disconnect()
	s.client, s.org = client, org
	store, closeStore, err := openStore(opts.db)
	if err != nil {
		return err
	}
	defer closeStore()
	if err := s.configure(ctx, config, store); err != nil {
		return err
	}
	if opts.plan {
		return s.plan(ctx, stdout)
	}
	return s.sync(ctx, stdout)
}

// readLeads reads or generates the leads, and says what was understood of the file and what
// was not.
func (s *session) readLeads(stdin io.Reader) error {
	if s.opts.generate > 0 {
		s.leads = generate(s.opts.generate)
		return nil
	}
	var source io.Reader
	switch s.opts.leads {
	case "":
		source = bytes.NewReader(demoLeads)
	case "-":
		source = stdin
	default:
		file, err := os.Open(s.opts.leads)
		if err != nil {
			return fmt.Errorf("-leads: %w", err)
		}
		defer file.Close()
		source = file
	}
	list, err := leadcsv.Read(source, &leadcsv.Options{EventID: s.opts.event})
	var refused *leadsync.Error
	switch {
	case errors.As(err, &refused) && refused.Err == nil:
		return fmt.Errorf("-leads: %s", refused.Reason)
	case err != nil:
		return fmt.Errorf("-leads: %w", err)
	}
	s.leads, s.file = list.Leads, &list.Report
	writeFile(s.log, s.file)
	return nil
}

// openStore opens the file at path, or a temporary file that is removed when it is
// closed.
func openStore(path string) (*sqlite.Store, func(), error) {
	cleanUp := func() {}
	if path == "" {
		dir, err := os.MkdirTemp("", "quickstart-")
		if err != nil {
			return nil, nil, err
		}
		path, cleanUp = filepath.Join(dir, "leads.db"), func() { _ = os.RemoveAll(dir) }
	}
	store, err := sqlite.Open(path, nil)
	if err != nil {
		cleanUp()
		return nil, nil, fmt.Errorf("-db: %w", err)
	}
	return store, func() {
		_ = store.Close()
		cleanUp()
	}, nil
}

// isDemo reports whether the leads are those of the demo file.
func (s *session) isDemo() bool { return s.opts.leads == "" && s.opts.generate == 0 }

func (s *session) configure(ctx context.Context, settings *leadsync.Settings, store *sqlite.Store) error {
	s.set, s.store = settings, store
	s.book = newLedger(s.leads, s.progress)
	if s.isDemo() {
		for _, h := range hazards() {
			s.book.kept[h.lead] = nil
		}
	}
	c := &leadsync.Config{
		Strategy:    strategies[s.opts.strategy],
		Store:       store,
		Sink:        s.book,
		Mode:        s.opts.mode,
		VerifyAfter: s.opts.settleTime(),
	}
	s.base = *c
	if err := settings.Fill(c); err != nil {
		return configError(err)
	}
	syncer, err := leadsync.New(s.client, c)
	if err != nil {
		return configError(err)
	}
	s.syncer = syncer
	if s.isDemo() && s.org != nil {
		return s.before(ctx, s.org, c)
	}
	return nil
}

func (s *session) progress(done int) {
	fmt.Fprintf(s.log, "done: %d of %s, %s\n", done, count(len(s.leads), "lead"),
		count(int(s.client.Usage().Calls), "API call"))
}

// sync syncs the leads and reports their outcomes, also when it was interrupted.
func (s *session) sync(ctx context.Context, stdout io.Writer) error {
	refused, err := s.capture(ctx)
	if err != nil {
		return err
	}
	preflightCalls, err := s.preflight(ctx)
	if err == nil && s.opts.mode == leadsync.Automatic {
		err = s.drain(ctx)
	}
	entries, listErr := s.entries(context.WithoutCancel(ctx))
	if listErr != nil {
		return errors.Join(err, listErr)
	}
	s.refused = len(refused)
	sum := summarize(s.leads, entries, refused, s.book)
	sum.APICalls, sum.PreflightCalls = s.client.Usage().Calls, preflightCalls
	err = errors.Join(err, s.report(sum, stdout))
	if err == nil && s.opts.serve != "" {
		return s.serve(ctx, stdout)
	}
	if err != nil || !s.isDemo() || s.org == nil || s.opts.json || s.opts.mode != leadsync.Automatic {
		return err
	}
	return s.tour(ctx, stdout)
}

// tour prints what a host does next, on the demo org of this process.
func (s *session) tour(ctx context.Context, stdout io.Writer) error {
	s.log = io.Discard // its progress is no longer that of the run
	var text bytes.Buffer
	t := &tour{syncer: s.syncer, client: s.client, org: s.org, leads: s.ids(), out: &text}
	err := t.run(ctx)
	_, printErr := text.WriteTo(stdout)
	return errors.Join(err, printErr)
}

// capture stores the leads and returns those that were refused.
func (s *session) capture(ctx context.Context) (map[leadsync.LeadID]error, error) {
	refused := make(map[leadsync.LeadID]error)
	report, err := s.syncer.Capture(ctx, s.leads...)
	var batch *leadsync.BatchError
	switch {
	case errors.As(err, &batch):
		for i, err := range batch.Failed {
			refused[s.leads[i].ID] = err
		}
	case err != nil:
		return nil, err
	}
	fmt.Fprintf(s.log, "captured %s: %d new, %d changed, %d known, %d refused\n",
		count(len(s.leads), "lead"), report.New, report.Replaced, report.Same, len(refused))
	for _, w := range report.Warnings {
		fmt.Fprintln(s.log, "warning:", w.Reason)
	}
	return refused, nil
}

// drain syncs the leads, those of earlier runs too, to detect what has changed in
// the org since then.
func (s *session) drain(ctx context.Context) error {
	if _, err := s.syncer.Push(ctx, leadsync.Filter{Leads: s.ids()}); err != nil {
		return err
	}
	return s.syncer.Drain(ctx)
}

// ids is never nil, so that a Filter of no leads selects none.
func (s *session) ids() []leadsync.LeadID {
	ids := make([]leadsync.LeadID, len(s.leads))
	for i, lead := range s.leads {
		ids[i] = lead.ID
	}
	return ids
}

func (s *session) entries(ctx context.Context) ([]leadsync.Entry, error) {
	return s.syncer.Leads(ctx, leadsync.Filter{Leads: s.ids()})
}

// preflight checks the org and prints its findings. It returns the number of API
// calls that it spent.
func (s *session) preflight(ctx context.Context) (int64, error) {
	before := s.client.Usage().Calls
	report, err := s.syncer.Preflight(ctx)
	if err == nil {
		writeFindings(s.log, report.Findings)
	}
	return s.client.Usage().Calls - before, err
}

func (s *session) report(sum *summary, stdout io.Writer) error {
	sum.file(s.file)
	sum.ElapsedMS = time.Since(s.start).Milliseconds()
	if s.opts.json {
		return sum.writeJSON(stdout)
	}
	var text bytes.Buffer
	if sum.Plan != nil {
		text.WriteString(sum.Plan.String())
	}
	sum.writeText(&text)
	writeHazards(&text, s.book.kept)
	if o := s.book.example; o != nil {
		fmt.Fprintf(&text, "\nOne match explained:\n%s\n", leadsync.Explain(o))
	}
	_, err := text.WriteTo(stdout)
	return err
}
