// SPDX-License-Identifier: Apache-2.0

// Package login gets OAuth tokens for a [salesforce.Client] and keeps them.
//
// An [App] is a connected app or an External Client App. It signs a customer in
// through the browser ([App.BeginLogin], [App.FinishLogin], [App.Refresh]), or gets
// tokens without one ([App.JWT], [App.ClientCredentials]). All flows yield [Tokens],
// a source that [salesforce.New] takes. Several processes share one refresh token with
// [App.RefreshShared]. A [TokenCipher] seals a token for one org, so that a host can
// store it.
//
// No error and no formatted value holds a token, a secret or a person's data.
//
// Reference: https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flows.htm
package login
