import assert from 'node:assert/strict';
import { connect, key, refused } from './org.js';

const conn = connect();
const contacts = conn.sobject('Contact');
const refusals = {
  REQUIRED_FIELD_MISSING: { FirstName: 'Ada' },
  STRING_TOO_LONG: { LastName: 'l'.repeat(81) },
  INVALID_FIELD: { LastName: 'L', Nope__c: 1 },
  INVALID_FIELD_FOR_INSERT_UPDATE: { LastName: 'L', CreatedDate: '2026-01-01T00:00:00Z' },
  INVALID_EMAIL_ADDRESS: { LastName: 'L', Email: 'ada' },
  DUPLICATE_VALUE: { LastName: 'L', [key]: 'TAKEN' },
  FIELD_CUSTOM_VALIDATION_EXCEPTION: { LastName: 'L', FirstName: 'X' },
  INVALID_CROSS_REFERENCE_KEY: { LastName: 'L', AccountId: '001000000000009AAA' },
  MALFORMED_ID: { LastName: 'L', AccountId: 'no id' },
  JSON_PARSER_ERROR: { LastName: 'L', Birthdate: '10.12.1815' },
};
for (const [code, row] of Object.entries(refusals)) {
  await refused(code, () => contacts.create(row));
}
const missing = await refused('REQUIRED_FIELD_MISSING', () => contacts.create({}));
assert.deepEqual(missing.data, { message: 'Required fields are missing: [LastName]', errorCode: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] });

// Several failing rules make several errors.
const both = await refused('MULTIPLE_API_ERRORS', () => contacts.create({ LastName: 'L', FirstName: 'X', Title: 'X' }));
assert.deepEqual(both.data.map((e) => e.message).sort(), ['No first name X', 'Nor Title X']);

// A duplicate error names the existing record; the rule can be overridden.
const lead = { LastName: 'Byron', Company: 'C', Email: 'ada@example.com' };
const duplicate = await refused('DUPLICATES_DETECTED', () => conn.sobject('Lead').create(lead));
assert.match(duplicate.data.duplicateResut.matchResults[0].matchRecords[0].record.Id, /^00Q/);
assert.ok((await conn.sobject('Lead').create(lead, { headers: { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' } })).success);

await refused('NOT_FOUND', () => conn.sobject('Nope__c').create({ Name: 'n' }));
await refused('NOT_FOUND', () => contacts.retrieve('003000000000009AAA'));
await refused('NOT_FOUND', () => contacts.retrieve('no-id'));
await refused('METHOD_NOT_ALLOWED', () => conn.requestDelete('/sobjects/Contact'));
await refused('UNSUPPORTED_MEDIA_TYPE', () => conn.request({ method: 'POST', url: '/sobjects/Contact', body: 'LastName=L', headers: { 'content-type': 'application/x-www-form-urlencoded' } }));
await refused('JSON_PARSER_ERROR', () => conn.request({ method: 'POST', url: '/sobjects/Contact', body: '[', headers: { 'content-type': 'application/json' } }));
await refused('NOT_FOUND', () => connect({ version: '9.0' }).query('SELECT Id FROM Contact'));
