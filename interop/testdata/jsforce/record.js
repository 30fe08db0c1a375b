import assert from 'node:assert/strict';
import { connect, refused } from './org.js';

const conn = connect();
const contacts = conn.sobject('Contact');

const made = await contacts.create({ LastName: 'Lovelace', Email: 'ada@example.com', Birthdate: '1815-12-10' });
assert.equal(made.success, true);
assert.deepEqual(made.errors, []);
assert.match(made.id, /^003.{15}$/);

const row = await contacts.retrieve(made.id);
assert.equal(row.Name, 'Lovelace');
assert.equal(row.Birthdate, '1815-12-10');
assert.equal(row.Phone, null);
assert.equal(row.attributes.type, 'Contact');
assert.ok(row.attributes.url.endsWith(made.id));
assert.match(row.CreatedDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/);
assert.deepEqual(Object.keys(await contacts.retrieve(made.id, { fields: ['LastName', 'Email'] })).sort(), ['Email', 'Id', 'LastName', 'attributes'].sort());

// Many callers send back what they read, including attributes.
const updated = await contacts.update({ attributes: row.attributes, Id: made.id, FirstName: 'Ada', Email: null });
assert.deepEqual(updated, { id: made.id, success: true, errors: [] });
const { FirstName, Name, Email } = await contacts.record(made.id).retrieve();
assert.deepEqual([FirstName, Name, Email], ['Ada', 'Ada Lovelace', null]);

assert.deepEqual(await contacts.destroy(made.id), { id: made.id, success: true, errors: [] });
await refused('NOT_FOUND', () => contacts.retrieve(made.id));
await refused('ENTITY_IS_DELETED', () => contacts.destroy(made.id));

await contacts.create({ LastName: 'Turing' });
assert.equal(conn.limitInfo.apiUsage.limit, 15000);
assert.equal((await conn.limits()).DailyApiRequests.Max, 15000);
