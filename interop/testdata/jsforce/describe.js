import assert from 'node:assert/strict';
import { connect, refused } from './org.js';

const conn = connect();

const global = await conn.describeGlobal();
assert.equal(global.encoding, 'UTF-8');
const byName = Object.fromEntries(global.sobjects.map((o) => [o.name, o]));
assert.equal(byName.Lead.keyPrefix, '00Q');
assert.equal(byName.Lead.createable, true);
assert.equal(byName.Visit__c.custom, true);
assert.equal(byName.Visit__c.urls.describe, '/services/data/v62.0/sobjects/Visit__c/describe');

const lead = await conn.sobject('lead').describe();
assert.equal(lead.name, 'Lead');
const fields = Object.fromEntries(lead.fields.map((f) => [f.name, f]));
assert.equal(fields.Company.length, 255);
assert.equal(fields.Company.nillable, false);
assert.equal(fields.Email.idLookup, true);
assert.deepEqual(fields.OwnerId.referenceTo.sort(), ['Group', 'User']);
assert.ok(fields.Status.picklistValues.some((v) => v.active && v.defaultValue));

const visit = await conn.describe('Visit__c');
const stand = visit.fields.find((f) => f.name === 'Stand__c');
assert.equal(stand.restrictedPicklist, true);
assert.deepEqual(stand.picklistValues.map((v) => v.value), ['North', 'South']);

// The values of the controlling field for which a value is valid, the first in the
// highest bit.
assert.equal(stand.controllerName, 'Hall__c');
assert.deepEqual(stand.picklistValues.map((v) => Buffer.from(v.validFor, 'base64')[0]), [0b11000000, 0b01000000]);
assert.deepEqual(visit.recordTypeInfos.map((r) => [r.master, r.defaultRecordTypeMapping]), [[true, true]]);
const { childRelationships } = await conn.sobject('Account').describe();
assert.ok(childRelationships.some((r) => r.relationshipName === 'Contacts' && r.childSObject === 'Contact' && r.field === 'AccountId'));

// jsforce caches describes.
await conn.describe$('Lead');
const { used } = conn.limitInfo.apiUsage;
await conn.describe$('Lead');
assert.equal(conn.limitInfo.apiUsage.used, used);

await refused('NOT_FOUND', () => conn.describe('Nope__c'));
