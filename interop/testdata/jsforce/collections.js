import assert from 'node:assert/strict';
import { codes, connect, refused } from './org.js';

const conn = connect();
const contacts = conn.sobject('Contact');
const people = Array.from({ length: 250 }, (_, i) => ({ LastName: `Person ${i}` }));

await refused('EXCEEDED_ID_LIMIT', () => contacts.create(people));
const made = await contacts.create(people, { allowRecursive: true });
assert.equal(made.length, 250);
assert.deepEqual(new Set(codes(made)), new Set(['']));
const ids = made.map((r) => r.id);

// Good rows next to bad ones.
const mixed = await contacts.create([{ LastName: 'Lovelace' }, { FirstName: 'Ada' }, { LastName: 'L', Nope__c: 1 }]);
assert.deepEqual(codes(mixed), ['', 'REQUIRED_FIELD_MISSING', 'INVALID_FIELD']);
assert.deepEqual(mixed[1].errors[0].fields, ['LastName']);
assert.equal('id' in mixed[1], false);

// All or none.
const none = await contacts.create([{ LastName: 'Turing' }, { FirstName: 'Alan' }], { allOrNone: true });
assert.deepEqual(codes(none), ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'REQUIRED_FIELD_MISSING']);

// Several objects in one collection.
const both = await conn.create(null, [
  { attributes: { type: 'Account' }, Name: 'Engines' },
  { attributes: { type: 'Contact' }, LastName: 'Hopper' },
]);
assert.deepEqual(both.map((r) => r.id.slice(0, 3)), ['001', '003']);

const updated = await contacts.update([{ Id: ids[0], FirstName: 'Ada' }, { Id: '003000000000009AAA', FirstName: 'Nobody' }]);
assert.deepEqual(codes(updated), ['', 'INVALID_CROSS_REFERENCE_KEY']);

const read = await contacts.retrieve([ids[1], '003000000000009AAA', ids[0]], { fields: ['Id', 'FirstName', 'LastName'] });
assert.equal(read[0].LastName, 'Person 1');
assert.equal(read[1], null);
assert.equal(read[2].FirstName, 'Ada');
assert.equal((await contacts.retrieve([ids[0]]))[0].FirstName, 'Ada', 'all fields, by way of a describe');

const deleted = await contacts.destroy([ids[0], ids[1], ids[0]]);
assert.deepEqual(codes(deleted), ['', '', 'ENTITY_IS_DELETED']);
assert.deepEqual(codes(await contacts.destroy([ids[2], ids[0]], { allOrNone: true })), ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'ENTITY_IS_DELETED']);
assert.deepEqual(codes(await contacts.destroy([both[1].id])), ['']);
