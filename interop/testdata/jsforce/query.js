import assert from 'node:assert/strict';
import jsforce from 'jsforce';
import { connect, refused } from './org.js';

const conn = connect();
const people = "SELECT Id, LastName FROM Contact WHERE LastName LIKE 'Person%' ORDER BY LastName";
const names = Array.from({ length: 250 }, (_, i) => `Person ${String(i).padStart(3, '0')}`);
const lastNames = (records) => records.map((r) => r.LastName);

// Page after page.
let page = await conn.query(people);
assert.equal(page.totalSize, 250);
assert.equal(page.done, false);
assert.equal(page.records.length, 100);
const read = lastNames(page.records);
while (!page.done) {
  page = await conn.queryMore(page.nextRecordsUrl);
  read.push(...lastNames(page.records));
}
assert.deepEqual(read, names);

// All pages at once, as records, as a stream.
assert.deepEqual(lastNames((await conn.query(people, { autoFetch: true })).records), names);
assert.equal((await conn.query(people, { autoFetch: true, maxFetch: 120 })).records.length, 120);
const streamed = [];
await new Promise((resolve, reject) => {
  conn.query(people).on('record', (r) => streamed.push(r.LastName)).on('end', resolve).on('error', reject).run({ autoFetch: true });
});
assert.deepEqual(streamed, names);

// The query builder.
const contacts = conn.sobject('Contact');
const found = await contacts.find({ LastName: { $like: 'Person%' }, CreatedDate: { $gte: jsforce.SfDate.toDateTimeLiteral('2000-01-01T00:00:00Z') } }, ['Id', 'LastName']).sort({ LastName: -1 }).limit(3).skip(1);
assert.deepEqual(lastNames(found), ['Person 248', 'Person 247', 'Person 246']);
assert.deepEqual(lastNames(await contacts.find({ LastName: ['Person 001', 'Person 002'] }, 'LastName').sort('LastName')), ['Person 001', 'Person 002']);
assert.equal((await contacts.findOne({ LastName: 'Person 007' }, '*')).LastName, 'Person 007');
assert.equal(await contacts.findOne({ LastName: 'Nobody' }), null);
assert.equal(await contacts.count({ LastName: { $like: 'Person%' } }), 250);
assert.equal((await conn.query("SELECT count() FROM Contact WHERE LastName = 'Person 001'")).totalSize, 1);

// Parents, null, quotes.
const [lovelace] = await contacts.find({ 'Account.Name': "Engines & Co 'Ltd'" }, 'LastName, AccountId, Account.Name, Email');
assert.equal(lovelace.Account.Name, "Engines & Co 'Ltd'");
assert.equal(lovelace.Account.attributes.type, 'Account');
assert.equal(lovelace.Email, null);
const [person] = await contacts.find({ LastName: 'Person 001' }, 'Account.Name');
assert.equal(person.Account, null);
assert.equal((await contacts.find({ AccountId: null }, 'Id').autoFetch(true)).length, 250);

// Children, whose object is in the describe, and groups.
const [account] = await conn.sobject('Account').select('Name').include('Contacts', { LastName: 'Lovelace' }, 'LastName').end();
assert.deepEqual([account.Contacts.totalSize, account.Contacts.done, account.Contacts.records[0].LastName], [1, true, 'Lovelace']);
const { records: groups } = await conn.query("SELECT AccountId, COUNT(Id) people, MAX(LastName) FROM Contact GROUP BY AccountId ORDER BY COUNT(Id)");
assert.deepEqual(groups.map((g) => [g.AccountId, g.people, g.expr0, g.attributes.type]), [[lovelace.AccountId, 1, 'Lovelace', 'AggregateResult'], [null, 250, 'Person 249', 'AggregateResult']]);

// Deleted rows.
assert.equal((await conn.query("SELECT Id FROM Contact WHERE LastName = 'Gone'")).totalSize, 0);
const { records: [gone] } = await conn.query("SELECT Id, IsDeleted FROM Contact WHERE LastName = 'Gone'", { scanAll: true });
assert.equal(gone.IsDeleted, true);

// Rows that a query found, updated and deleted.
const some = { LastName: { $like: 'Person 00%' } };
assert.ok((await contacts.find(some, 'Id').update({ FirstName: 'Ada' })).every((r) => r.success));
assert.equal(await contacts.count({ FirstName: 'Ada' }), 10);
assert.ok((await contacts.find(some, 'Id').destroy()).every((r) => r.success));
assert.equal(await contacts.count({ FirstName: 'Ada' }), 0);

await refused('INVALID_QUERY_LOCATOR', () => conn.queryMore('/services/data/v62.0/query/0r8000000000000-2000'));
await refused('MALFORMED_QUERY', () => conn.query('SELECT Id FROM Contact WHERE'));
await refused('MALFORMED_QUERY', () => conn.query("SELECT Id FROM Contact WHERE LastName = 'O'Brien'"));
await refused('MALFORMED_QUERY', () => conn.query(''));
const unknown = await refused('INVALID_FIELD', () => conn.query('SELECT Nope__c FROM Contact'));
assert.match(unknown.message, /ERROR at Row:1:Column:8\nNo such column 'Nope__c' on entity 'Contact'/);
await refused('INVALID_TYPE', () => conn.query('SELECT Id FROM Nope__c'));
