// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/leadsync/leadsync/salesforce/sftest"
)

// A requestEntry is one request as the control API shows it.
type requestEntry struct {
	logLine
	Written int `json:"written"`
}

func (k *control) requests(*http.Request, []byte) (any, error) {
	entries := []requestEntry{}
	for _, r := range k.current().Requests() {
		entries = append(entries, requestEntry{lineOf(r), r.Written})
	}
	return entries, nil
}

func (k *control) forgetRequests(*http.Request, []byte) (any, error) {
	k.current().ResetLog()
	return struct{}{}, nil
}

func (k *control) rows(r *http.Request, _ []byte) (any, error) {
	rows := k.current().Rows(r.PathValue("object"))
	if rows == nil {
		rows = []map[string]any{}
	}
	return rows, nil
}

func (k *control) insertRow(r *http.Request, body []byte) (any, error) {
	fields := map[string]any{}
	if err := decode(body, &fields); err != nil {
		return nil, err
	}
	return map[string]string{"id": k.current().Insert(r.PathValue("object"), fields)}, nil
}

func (k *control) updateRow(r *http.Request, body []byte) (any, error) {
	fields := map[string]any{}
	if err := decode(body, &fields); err != nil {
		return nil, err
	}
	row, err := k.row(r, false)
	if err != nil {
		return nil, err
	}
	for name, v := range fields {
		if !strings.EqualFold(name, "Id") {
			continue
		}
		id, _ := v.(string)
		if other := k.current().Row(r.PathValue("object"), id); other == nil || other["Id"] != row["Id"] {
			return nil, errors.New("the Id of a row cannot change")
		}
	}
	k.current().Update(r.PathValue("object"), r.PathValue("id"), fields)
	return struct{}{}, nil
}

func (k *control) deleteRow(r *http.Request, _ []byte) (any, error) {
	if _, err := k.row(r, false); err != nil {
		return nil, err
	}
	k.current().Delete(r.PathValue("object"), r.PathValue("id"))
	return struct{}{}, nil
}

func (k *control) undeleteRow(r *http.Request, _ []byte) (any, error) {
	if _, err := k.row(r, true); err != nil {
		return nil, err
	}
	k.current().Undelete(r.PathValue("object"), r.PathValue("id"))
	return struct{}{}, nil
}

// row returns the row that a request names, if it is deleted or not as it should be.
func (k *control) row(r *http.Request, deleted bool) (map[string]any, error) {
	object, id := r.PathValue("object"), r.PathValue("id")
	row := k.current().Row(object, id)
	switch {
	case row == nil:
		return nil, &statusError{http.StatusNotFound, fmt.Sprintf("the org has no %s %s", object, id)}
	case deleted && row["IsDeleted"] != true:
		return nil, &statusError{http.StatusConflict, fmt.Sprintf("%s %s is not deleted", object, id)}
	case !deleted && row["IsDeleted"] == true:
		return nil, &statusError{http.StatusConflict, fmt.Sprintf("%s %s is deleted", object, id)}
	}
	return row, nil
}

// A snapshotID names a snapshot.
type snapshotID struct {
	Snapshot int `json:"snapshot"`
}

func (k *control) snapshot(*http.Request, []byte) (any, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.taken = append(k.taken, k.org.Snapshot())
	return snapshotID{len(k.taken)}, nil
}

func (k *control) restore(_ *http.Request, body []byte) (any, error) {
	var sent snapshotID
	if err := decode(body, &sent); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if sent.Snapshot < 1 || sent.Snapshot > len(k.taken) {
		return nil, fmt.Errorf("there is no snapshot %d", sent.Snapshot)
	}
	k.org.Restore(k.taken[sent.Snapshot-1])
	return struct{}{}, nil
}

func (k *control) merge(_ *http.Request, body []byte) (any, error) {
	var sent struct {
		Object, Winner string
		Losers         []string
	}
	if err := decode(body, &sent); err != nil {
		return nil, err
	}
	if err := required("object", sent.Object, "winner", sent.Winner); err != nil {
		return nil, err
	}
	if len(sent.Losers) == 0 {
		return nil, errors.New("losers: none is named")
	}
	k.current().Merge(sent.Object, sent.Winner, sent.Losers...)
	return struct{}{}, nil
}

func (k *control) convert(_ *http.Request, body []byte) (any, error) {
	var sent struct{ Lead, ContactID, AccountID, Opportunity string }
	if err := decode(body, &sent); err != nil {
		return nil, err
	}
	if err := required("lead", sent.Lead); err != nil {
		return nil, err
	}
	contact, account, opportunity := k.current().ConvertInto(sent.Lead, sftest.Conversion{
		ContactID: sent.ContactID, AccountID: sent.AccountID, Opportunity: sent.Opportunity,
	})
	return map[string]string{"contactId": contact, "accountId": account, "opportunityId": opportunity}, nil
}
