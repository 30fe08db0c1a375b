// SPDX-License-Identifier: Apache-2.0

package org

import (
	"context"
	"time"

	"github.com/leadsync/leadsync/salesforce"
)

// A userInformer is a client that can ask who its user is, with a token that does not say.
type userInformer interface {
	UserInfo(ctx context.Context) (*salesforce.UserInfo, error)
}

// A user is what was answered to who the connected user is.
type user struct {
	name     string
	failedAt time.Time // when there was no answer
}

// Username returns the connected user's name, "" where it is not known. A session has it where
// the token names the user. Else the client is asked, once: with a static token nothing else
// says it. A client that does not answer is asked again after a while.
func (s *Sessions) Username(ctx context.Context) string {
	if known := s.Current(); known != nil && known.Username != "" {
		return known.Username
	}
	s.mu.Lock()
	known := s.user
	s.mu.Unlock()
	client, ok := s.client.(userInformer)
	if known.name != "" || !ok || !known.failedAt.IsZero() && s.now().Sub(known.failedAt) < nameAgain {
		return known.name
	}
	name, _, _ := s.flight.Do("user", func() (any, error) {
		info, err := client.UserInfo(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil || info.Username == "" {
			s.user.failedAt = s.now()
			return "", nil
		}
		s.user.name = info.Username
		return s.user.name, nil
	})
	return name.(string)
}
