import assert from 'node:assert/strict';
import { codes, connect, key, refused } from './org.js';

const conn = connect();
const contacts = conn.sobject('Contact');

const made = await contacts.upsert({ [key]: 'p1', LastName: 'Byron' }, key);
assert.deepEqual(made, { id: made.id, success: true, errors: [], created: true });
const again = await contacts.upsert({ [key]: 'P1', LastName: 'Lovelace' }, key);
assert.deepEqual(again, { id: made.id, success: true, errors: [], created: false });

// Before v46.0 an update has no response body, and jsforce sends arrays as single
// requests.
const old = connect({ version: '45.0' });
assert.deepEqual(await old.sobject('Contact').upsert({ [key]: 'p1', FirstName: 'Ada' }, key), { success: true, errors: [] });
assert.deepEqual(codes(await old.sobject('Contact').upsert([{ [key]: 'p1', FirstName: 'Ada' }, { [key]: 'p2', LastName: 'Turing' }], key)), ['', '']);

const rows = await contacts.upsert([{ [key]: 'p2', FirstName: 'Alan' }, { [key]: 'p3', LastName: 'Hopper' }, { [key]: 'p4' }], key);
assert.deepEqual(codes(rows), ['', '', 'REQUIRED_FIELD_MISSING']);
assert.deepEqual(rows.map((r) => r.created), [false, true, false]);
assert.deepEqual(codes(await contacts.upsert([{ [key]: 'p5', LastName: 'A' }, { [key]: 'P5', LastName: 'B' }], key)), ['DUPLICATE_VALUE', 'DUPLICATE_VALUE']);

// A key of two records.
const several = await refused('MULTIPLE_CHOICES', () => contacts.upsert({ Email: 'twice@example.com', LastName: 'X' }, 'Email'));
assert.equal(several.data.length, 2);
assert.match(several.data[0], /^\/services\/data\/v62\.0\/sobjects\/Contact\/003/);
assert.deepEqual(codes(await contacts.upsert([{ Email: 'twice@example.com', LastName: 'X' }], 'Email')), ['DUPLICATE_EXTERNAL_ID']);

await refused('NOT_FOUND', () => contacts.upsert({ Title: 'Countess', LastName: 'X' }, 'Title'));
await refused('NOT_FOUND', () => contacts.upsert([{ Title: 'Countess', LastName: 'X' }], 'Title'));
