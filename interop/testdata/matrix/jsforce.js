// jsforce 1 and 3: CLIENT says which.
import assert from 'node:assert/strict';
import { absent, assertion, code, contacts, hasContent, key, redirect, refreshToken, streaming, token, unbuilt, url, user, works } from './cells.js';

const { default: jsforce } = await import(process.env.CLIENT);
const old = process.env.CLIENT === 'jsforce1';
const version = '62.0';
const oauth2 = { loginUrl: url, clientId: 'key', clientSecret: 'secret', redirectUri: redirect };
const conn = new jsforce.Connection({ instanceUrl: url, accessToken: token, version });
const one = async (c) => assert.equal((await c.query('SELECT Id FROM User')).totalSize, 1);
const jwt = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

await works('login with a token', () => one(conn));
await works('login with a password', async () => {
  const c = new jsforce.Connection({ oauth2, version });
  assert.match((await c.login(user, 'secret')).id, /^005.{15}$/);
  await one(c);
  const { accessToken, instanceUrl } = c;
  await c.logoutBySoap();
  await assert.rejects(one(new jsforce.Connection({ accessToken, instanceUrl, version })), /INVALID_SESSION_ID|Session expired/);
});
await works('login by SOAP', async () => {
  const c = new jsforce.Connection({ loginUrl: url, version });
  assert.match((await c.login(user, 'secret')).id, /^005.{15}$/);
  await one(c);
});
if (old) {
  absent(undefined, 'login with client credentials', 'login by JWT');
} else {
  await works('login with client credentials', async () => {
    const c = new jsforce.Connection({ oauth2, version });
    await c.authorize({ grant_type: 'client_credentials' });
    await one(c);
  });
  await works('login by JWT', async () => {
    const c = new jsforce.Connection({ oauth2, version });
    await c.authorize({ grant_type: jwt, assertion: assertion('key') });
    await one(c);
  });
}
await works('login in the browser', async () => {
  const c = new jsforce.Connection({ oauth2, version });
  await c.authorize(await code(c.oauth2.getAuthorizationUrl({ scope: 'api refresh_token' })));
  assert.ok(c.refreshToken);
  await one(c);
});
await works('renewed session', async () => {
  await one(new jsforce.Connection({ oauth2, version, instanceUrl: url, accessToken: '00D!expired', refreshToken }));
});
await works('identity', async () => assert.equal((await conn.identity()).username, user));
await works('limits', async () => assert.ok((await conn.request(`/services/data/v${version}/limits`)).DailyApiRequests.Max > 0));
await works('list of objects', async () => assert.ok((await conn.describeGlobal()).sobjects.some((s) => s.name === 'Lead')));
await works('describe', async () => assert.ok((await conn.describe('Lead')).fields.length > 50));
await works('one record', async () => {
  const { id } = await conn.sobject('Account').create({ Name: 'Engines' });
  await conn.sobject('Account').update({ Id: id, Site: 'Here' });
  assert.equal((await conn.sobject('Account').retrieve(id)).Site, 'Here');
  assert.ok((await conn.sobject('Account').destroy(id)).success);
});
await works('upsert by external id', async () => {
  for (const LastName of ['Turing', 'Hopper']) {
    assert.ok((await conn.sobject('Contact').upsert({ LastName, [key]: 'u1' }, key)).success);
  }
  assert.equal((await conn.query(`SELECT LastName FROM Contact WHERE ${key} = 'u1'`)).records[0].LastName, 'Hopper');
});
await works('query', async () => assert.equal((await conn.sobject('Contact').find({ [key]: 'u1' }, 'Id, LastName'))[0].LastName, 'Hopper'));
await works('all pages of a query', async () => {
  let n = 0;
  await new Promise((resolve, reject) => {
    conn.query('SELECT Id FROM Lead').on('record', () => { n += 1; }).on('end', resolve).on('error', reject)
      .run({ autoFetch: true, maxFetch: 10000 });
  });
  assert.equal(n, 250);
});
await works('query of deleted rows', async () => {
  const found = await conn.query('SELECT Id FROM Account WHERE IsDeleted = true').run({ scanAll: true });
  assert.equal((found.records ?? found).length, 1);
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
  const Ids = written.map((r) => r.id);
  assert.ok((await conn.sobject('Contact').update(Ids.map((Id) => ({ Id, Title: 'Dr' })), { allowRecursive: true })).every((r) => r.success));
  assert.ok((await conn.sobject('Contact').destroy(Ids, { allowRecursive: true })).every((r) => r.success));
});
await works('composite', async () => {
  const base = `/services/data/v${version}`;
  const { compositeResponse } = await conn.requestPost(`${base}/composite`, { allOrNone: true, compositeRequest: [
    { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'a', body: { Name: 'Engines' } },
    { method: 'POST', url: `${base}/sobjects/Contact`, referenceId: 'c', body: { LastName: 'King', AccountId: '@{a.id}' } },
  ] });
  assert.deepEqual(compositeResponse.map((r) => r.httpStatusCode), [201, 201]);
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
if (old) {
  absent(undefined, 'Bulk API 2.0: load', 'Bulk API 2.0: query');
} else {
  conn.bulk2.pollInterval = 20;
  await works('Bulk API 2.0: load', async () => {
    const load = (operation, input, more) => conn.bulk2.loadAndWaitForResults({ object: 'Contact', operation, input, ...more });
    const made = await load('insert', contacts(2, 'Bulk'));
    assert.equal(made.successfulResults.length, 2);
    const up = await load('upsert', contacts(3, 'Bulk'), { externalIdFieldName: key });
    assert.deepEqual(up.successfulResults.map((r) => r.sf__Created).sort(), ['false', 'false', 'true']);
    const rows = up.successfulResults.map((r) => ({ Id: r.sf__Id }));
    assert.equal((await load('delete', rows)).successfulResults.length, 3);
  });
  await works('Bulk API 2.0: query', async () => {
    const stream = await conn.bulk2.query('SELECT Id FROM Contact');
    assert.ok((await stream.toArray()).length > 0);
  });
}
await works('file', async () => {
  const files = conn.sobject('ContentVersion');
  const row = { Title: 'Notes', PathOnClient: 'notes.txt', VersionData: Buffer.from('Hello').toString('base64') };
  await hasContent((await files.create(row)).id, 'Hello');
  if (old) return;
  const inParts = { multipartFileFields: { VersionData: { filename: 'notes.txt', contentType: 'text/plain' } } };
  await hasContent((await files.create(row, inParts)).id, 'Hello');
});
await unbuilt('Apex REST', () => conn.apex.get('/leads'));
await streaming();
process.exit(0);
