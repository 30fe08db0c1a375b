import assert from 'node:assert/strict';
import { connect, refused } from './org.js';

const conn = connect();
const contacts = conn.sobject('Contact');
const [kept, gone] = await contacts.create([{ LastName: 'Lovelace' }, { LastName: 'Byron' }]);
await contacts.destroy(gone.id);
const start = new Date(Date.now() - 3600e3);
const end = new Date(Date.now() + 3600e3);

const updated = await contacts.updated(start, end);
assert.deepEqual(updated.ids, [kept.id]);
assert.ok(Date.parse(updated.latestDateCovered) <= end);
const deleted = await contacts.deleted(start, end);
assert.deepEqual(deleted.deletedRecords.map((r) => r.id), [gone.id]);
await refused('INVALID_REPLICATION_DATE', () => contacts.updated(end, start));

// Recently viewed records.
assert.deepEqual(await contacts.recent(), []);
await conn.query('SELECT Id FROM Contact FOR VIEW');
assert.deepEqual((await contacts.recent()).map((r) => r.Id), [kept.id]);
assert.deepEqual((await conn.recent(5)).map((r) => r.Id), [kept.id]);
