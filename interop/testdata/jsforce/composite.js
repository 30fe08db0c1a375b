import assert from 'node:assert/strict';
import { connect, refused } from './org.js';

const conn = connect();
const base = '/services/data/v62.0';
const composite = (compositeRequest, allOrNone = false) => conn.requestPost('/composite', { allOrNone, compositeRequest });

const { compositeResponse: made } = await composite([
  { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'account', body: { Name: 'Engines' } },
  { method: 'POST', url: `${base}/composite/sobjects`, referenceId: 'people', body: { records: [{ attributes: { type: 'Contact' }, LastName: 'Lovelace', AccountId: '@{account.id}' }] } },
  { method: 'GET', url: `${base}/sobjects/Account/@{account.id}?fields=Name`, referenceId: 'read' },
  { method: 'GET', url: `${base}/query?q=SELECT+Id,Account.Name+FROM+Contact+WHERE+AccountId='@{account.id}'`, referenceId: 'query' },
  { method: 'GET', url: `${base}/sobjects/Lead/describe`, referenceId: 'describe', httpHeaders: { 'If-Modified-Since': new Date(Date.now() + 864e5).toUTCString() } },
]);
assert.deepEqual(made.map((r) => r.httpStatusCode), [201, 200, 200, 200, 304]);
assert.deepEqual(made.map((r) => r.referenceId), ['account', 'people', 'read', 'query', 'describe']);
assert.ok(made[0].httpHeaders.Location.endsWith(made[0].body.id));
assert.equal(made[2].body.Name, 'Engines');
assert.equal(made[3].body.records[0].Account.Name, 'Engines');
assert.equal(made[4].body, null);
assert.equal(conn.limitInfo.apiUsage.used, 1);

// One failure: those that refer to it are halted, the others are carried out.
const { compositeResponse: halted } = await composite([
  { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'bad', body: {} },
  { method: 'POST', url: `${base}/sobjects/Contact`, referenceId: 'child', body: { LastName: 'L', AccountId: '@{bad.id}' } },
  { method: 'GET', url: `${base}/sobjects/Account/${made[0].body.id}`, referenceId: 'other' },
]);
assert.deepEqual(halted.map((r) => r.httpStatusCode), [400, 400, 200]);
assert.equal(halted[0].body[0].errorCode, 'REQUIRED_FIELD_MISSING');
assert.equal(halted[1].body[0].errorCode, 'PROCESSING_HALTED');

// All or none.
const { compositeResponse: none } = await composite([
  { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'good', body: { Name: 'Gone' } },
  { method: 'PATCH', url: `${base}/sobjects/Account/${made[0].body.id}`, referenceId: 'patch', body: { Name: 'Changed' } },
  { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'bad', body: {} },
], true);
assert.deepEqual(none.map((r) => r.body[0].errorCode), ['PROCESSING_HALTED', 'PROCESSING_HALTED', 'REQUIRED_FIELD_MISSING']);

// A batch: each part counts as a call.
const used = conn.limitInfo.apiUsage.used;
const batch = await conn.requestPost('/composite/batch', { batchRequests: [
  { method: 'GET', url: 'v62.0/limits' },
  { method: 'GET', url: 'v62.0/sobjects/Account/001000000000009AAA' },
] });
assert.equal(batch.hasErrors, true);
assert.deepEqual(batch.results.map((r) => r.statusCode), [200, 404]);
assert.equal(conn.limitInfo.apiUsage.used, used + 2);

// A graph is written whole or not at all.
const graph = (graphId, account) => ({ graphId, compositeRequest: [
  { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'account', body: account },
  { method: 'POST', url: `${base}/sobjects/Contact`, referenceId: 'contact', body: { LastName: 'Turing', AccountId: '@{account.id}' } },
] });
const { graphs } = await conn.requestPost('/composite/graph', { graphs: [graph('good', { Name: 'Bletchley' }), graph('bad', {})] });
assert.deepEqual(graphs.map((g) => [g.graphId, g.isSuccessful]), [['good', true], ['bad', false]]);
assert.deepEqual(graphs[1].graphResponse.compositeResponse.map((r) => r.body[0].errorCode), ['REQUIRED_FIELD_MISSING', 'PROCESSING_HALTED']);

// A tree: parents with their children.
const tree = (leaf) => conn.requestPost('/composite/tree/Account', { records: [{ attributes: { type: 'Account', referenceId: 'root' }, Name: 'Tree', Contacts: { records: [{ attributes: { type: 'Contact', referenceId: 'leaf' }, ...leaf }] } }] });
const { hasErrors, results } = await tree({ LastName: 'Hopper' });
assert.equal(hasErrors, false);
assert.deepEqual(results.map((r) => [r.referenceId, r.id.slice(0, 3)]), [['root', '001'], ['leaf', '003']]);
const leafless = await refused('ERROR_HTTP_400', () => tree({})); // jsforce makes the body the text
assert.deepEqual(JSON.parse(leafless.message).results.map((r) => [r.referenceId, r.errors[0].statusCode]), [['leaf', 'REQUIRED_FIELD_MISSING']]);

await refused('JSON_PARSER_ERROR', () => composite([{ method: 'GET', url: `${base}/sobjects`, referenceId: 'a[1]' }]));
await refused('JSON_PARSER_ERROR', () => conn.request({ method: 'POST', url: '/composite', body: '{', headers: { 'content-type': 'application/json' } }));
