// SPDX-License-Identifier: Apache-2.0

package review

import "github.com/leadsync/leadsync/internal/value"

// MarshalJSON writes every key, also of what is empty.
func (s Summary) MarshalJSON() ([]byte, error) { return value.PageJSON(s) }

// MarshalJSON writes every key, also of what is empty.
func (g Group) MarshalJSON() ([]byte, error) { return value.PageJSON(g) }

// MarshalJSON writes every key, also of what is empty.
func (c Cause) MarshalJSON() ([]byte, error) { return value.PageJSON(c) }

// MarshalJSON writes every key, also of what is empty.
func (g WarningGroup) MarshalJSON() ([]byte, error) { return value.PageJSON(g) }

// MarshalJSON writes every key, also of what is empty.
func (c WarningCause) MarshalJSON() ([]byte, error) { return value.PageJSON(c) }
