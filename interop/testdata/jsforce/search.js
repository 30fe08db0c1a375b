import assert from 'node:assert/strict';
import { connect, refused } from './org.js';

const conn = connect();
const names = (result) => result.searchRecords.map((r) => r.LastName);

assert.deepEqual(names(await conn.search('FIND {Lovelace} IN ALL FIELDS RETURNING Contact(Id, LastName), Lead(LastName)')), ['Lovelace', 'Lovelace-King']);
assert.deepEqual((await conn.search('FIND {ada@example.com} IN EMAIL FIELDS RETURNING Contact')).searchRecords.map((r) => r.attributes.type), ['Contact']);
assert.deepEqual(names(await conn.search('FIND {Nobody} RETURNING Contact(LastName)')), []);

// The same in parameters, in a body and in the URL.
const parameters = { q: 'Lovelace', in: 'NAME', sobjects: [{ name: 'Contact', fields: ['LastName'] }, { name: 'Lead', fields: ['LastName'], where: "Company = 'Engines'" }] };
assert.deepEqual(names(await conn.requestPost('/parameterizedSearch', parameters)), ['Lovelace', 'Lovelace-King']);
assert.deepEqual(names(await conn.requestGet('/parameterizedSearch/?q=Lovelace&sobject=Contact&Contact.fields=LastName')), ['Lovelace']);

await refused('MALFORMED_SEARCH', () => conn.search('FIND {Lovelace'));
await refused('INVALID_FIELD', () => conn.search('FIND {Lovelace} RETURNING Contact(Nope__c)'));
