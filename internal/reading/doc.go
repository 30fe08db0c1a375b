// SPDX-License-Identifier: Apache-2.0

// Package reading reads what people and programs write: dates, phone numbers, yes and no,
// e-mail addresses, HTML, and names in capitals. A text is understood whole or not at
// all: no function drops a part of it that it does not know, but where its comment says
// so. All functions are pure and safe for concurrent use.
package reading
