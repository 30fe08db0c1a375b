// @salesforce/core, whose connections are those of jsforce's edition for it.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { OAuth2 } from '@jsforce/jsforce-node';
import { AuthInfo, Connection } from '@salesforce/core';
import { absent, code, contacts, hasContent, key, redirect, refreshToken, token, unbuilt, url, user, works } from './cells.js';

const connect = async (options) => {
  const connectionOptions = { version: '62.0' };
  return Connection.create({ authInfo: await AuthInfo.create(options), connectionOptions });
};
const one = async (c) => assert.equal((await c.query('SELECT Id FROM User')).totalSize, 1);
const login = async (oauth2Options, username) => {
  const c = await connect({ username, oauth2Options: { loginUrl: url, clientId: 'key', ...oauth2Options } });
  await one(c);
  return c;
};

await works('login by JWT', () => {
  writeFileSync('key.pem', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return login({ privateKeyFile: 'key.pem' }, user);
});
await works('login in the browser', async () => {
  const oauth2Options = { loginUrl: url, clientId: 'key', clientSecret: 'secret', redirectUri: redirect, scope: 'api refresh_token' };
  const oauth2 = new OAuth2({ ...oauth2Options, useVerifier: true });
  const authCode = await code(AuthInfo.getAuthorizationUrl(oauth2Options, oauth2));
  await one(await connect({ oauth2Options: { ...oauth2Options, authCode }, oauth2 }));
});
await works('renewed session', async () => {
  const c = await login({ refreshToken });
  c.accessToken = '00D!expired';
  await one(c);
});
process.env.SF_ORG_INSTANCE_URL = url;
const conn = await connect({ username: token });
await works('login with a token', () => one(conn));
absent(undefined, 'login with a password', 'login by SOAP', 'login with client credentials');
await works('identity', async () => assert.equal((await conn.identity()).username, user));
await works('limits', async () => assert.ok((await conn.limits()).DailyApiRequests.Max > 0));
await works('list of objects', async () => assert.ok((await conn.describeGlobal()).sobjects.some((s) => s.name === 'Lead')));
await works('describe', async () => assert.ok((await conn.describe('Lead')).fields.length > 50));
await works('one record', async () => {
  const { id } = await conn.sobject('Account').create({ Name: 'Engines' });
  await conn.sobject('Account').update({ Id: id, Site: 'Here' });
  assert.equal((await conn.singleRecordQuery(`SELECT Site FROM Account WHERE Id = '${id}'`)).Site, 'Here');
  assert.ok((await conn.sobject('Account').destroy(id)).success);
});
await works('upsert by external id', async () => {
  assert.ok((await conn.sobject('Contact').upsert({ LastName: 'Hopper', [key]: 'u1' }, key)).success);
});
await works('query', async () => assert.equal((await conn.query(`SELECT LastName FROM Contact WHERE ${key} = 'u1'`)).records[0].LastName, 'Hopper'));
await works('all pages of a query', async () => assert.equal((await conn.autoFetchQuery('SELECT Id FROM Lead')).records.length, 250));
await works('query of deleted rows', async () => {
  assert.equal((await conn.autoFetchQuery('SELECT Id FROM Account WHERE IsDeleted = true', { scanAll: true })).records.length, 1);
});
await works('query plan', async () => {
  const { plans } = await conn.sobject('Contact').find({ [key]: 'u1' }, 'Id').explain();
  assert.deepEqual([plans[0].leadingOperationType, plans[0].cardinality, plans[0].fields], ['Index', 1, [key]]);
});
await works('query of the setup', async () => {
  const found = await conn.tooling.query('SELECT ValidationName, EntityDefinition.QualifiedApiName FROM ValidationRule WHERE Active = true');
  assert.equal(found.totalSize, 0);
  const fields = await conn.tooling.query("SELECT DataType FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Lead' AND QualifiedApiName = 'Company'");
  assert.equal(fields.records[0].DataType, 'Text(255)');
  assert.equal((await conn.query("SELECT KeyPrefix FROM EntityDefinition WHERE QualifiedApiName = 'Lead'")).records[0].KeyPrefix, '00Q');
});
await works('search', async () => {
  assert.equal((await conn.search('FIND {Hopper} IN NAME FIELDS RETURNING Contact(Id)')).searchRecords.length, 1);
});
await works('collections', async () => {
  const written = await conn.sobject('Contact').create(contacts(250, 'Collected'), { allOrNone: true, allowRecursive: true });
  assert.equal(written.filter((r) => r.success).length, 250);
});
await works('composite', async () => {
  const base = '/services/data/v62.0';
  const { compositeResponse } = await conn.requestPost(`${base}/composite`, { compositeRequest: [
    { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'a', body: { Name: 'Engines' } },
  ] });
  assert.deepEqual(compositeResponse.map((r) => r.httpStatusCode), [201]);
});
absent(undefined, 'trees');
conn.bulk.pollInterval = 20;
await works('Bulk API: load', async () => {
  const load = (operation, rows, more) => conn.bulk.load('Contact', operation, more ?? {}, rows);
  const made = await load('insert', [...contacts(2, 'Old'), { Title: 'Dr' }]);
  assert.deepEqual(made.map((r) => r.success), [true, true, false]);
  assert.match(made[2].errors[0], /^REQUIRED_FIELD_MISSING:Required fields are missing: \[LastName\]/);
  assert.ok((await load('upsert', contacts(3, 'Old'), { extIdField: key })).every((r) => r.success));
  assert.ok((await load('delete', [{ Id: made[0].id }]))[0].success);
});
await works('Bulk API: query', async () => {
  const query = await conn.bulk.query('SELECT Id FROM Lead');
  let n = 0;
  await new Promise((resolve, reject) => {
    query.on('record', () => { n += 1; }).on('end', resolve).on('error', reject);
  });
  assert.equal(n, 250);
});
conn.bulk2.pollInterval = 20;
await works('Bulk API 2.0: load', async () => {
  const made = await conn.bulk2.loadAndWaitForResults({ object: 'Contact', operation: 'insert', input: contacts(2, 'Bulk') });
  assert.equal(made.successfulResults.length, 2);
});
await works('Bulk API 2.0: query', async () => {
  const stream = await conn.bulk2.query('SELECT Id FROM Contact LIMIT 50'); // one page: see bulk2pages.js
  assert.ok((await stream.toArray()).length > 0);
});
await works('file', async () => {
  const made = await conn.sobject('ContentVersion').create({
    Title: 'Notes', PathOnClient: 'notes.txt', VersionData: Buffer.from('Hello').toString('base64'),
  });
  await hasContent(made.id, 'Hello');
});
await unbuilt('Apex REST', () => conn.apex.get('/leads'));
absent('that of jsforce is no part of it', 'streaming');
process.exit(0);
