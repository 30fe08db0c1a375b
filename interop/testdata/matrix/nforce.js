import assert from 'node:assert/strict';
import nforce from 'nforce';
import { absent, code, hasContent, key, redirect, refreshToken, streaming, token, unbuilt, url, user, works } from './cells.js';

const connect = (oauth, more) => nforce.createConnection({
  clientId: 'key', clientSecret: 'secret', redirectUri: redirect, apiVersion: 'v62.0', mode: 'single', oauth,
  loginUri: `${url}/services/oauth2/token`, authEndpoint: `${url}/services/oauth2/authorize`, ...more,
});
const org = connect({ access_token: token, instance_url: url });
const one = async (c) => assert.equal((await c.query({ query: 'SELECT Id FROM User' })).totalSize, 1);
const record = (type, fields) => nforce.createSObject(type, fields);

await works('login with a token', () => one(org));
await works('login with a password', async () => {
  const c = connect();
  await c.authenticate({ username: user, password: 'secret' });
  await one(c);
});
absent(undefined, 'login by SOAP', 'login with client credentials', 'login by JWT');
await works('login in the browser', async () => {
  const c = connect({}, { mode: 'multi' });
  const oauth = await c.authenticate({ code: await code(c.getAuthUri({ scope: ['api', 'refresh_token'] })) });
  assert.ok(oauth.refresh_token);
  assert.equal((await c.query({ query: 'SELECT Id FROM User', oauth })).totalSize, 1);
});
await works('renewed session', () => one(connect({ access_token: '00D!expired', refresh_token: refreshToken, instance_url: url }, { autoRefresh: true })));
await works('identity', async () => {
  const c = connect();
  await c.authenticate({ username: user, password: 'secret' });
  assert.equal((await c.getIdentity({ oauth: c.oauth })).username, user);
});
await works('limits', async () => assert.ok((await org.getLimits()).DailyApiRequests.Max > 0));
await works('list of objects', async () => assert.ok((await org.getSObjects()).sobjects.some((s) => s.name === 'Lead')));
await works('describe', async () => assert.ok((await org.getDescribe({ type: 'Lead' })).fields.length > 50));
await works('one record', async () => {
  const account = record('Account', { Name: 'Engines' });
  const { id } = await org.insert({ sobject: account });
  await org.update({ sobject: record('Account', { Id: id, Site: 'Here' }) });
  assert.equal((await org.getRecord({ type: 'Account', id })).get('Site'), 'Here');
  await org.delete({ sobject: record('Account', { Id: id }) });
});
await works('upsert by external id', async () => {
  for (const LastName of ['Turing', 'Hopper']) {
    const contact = record('Contact', { LastName });
    contact.setExternalId(key, 'u1');
    await org.upsert({ sobject: contact });
  }
});
await works('query', async () => {
  assert.equal((await org.query({ query: `SELECT LastName FROM Contact WHERE ${key} = 'u1'` })).records[0].get('LastName'), 'Hopper');
});
await works('all pages of a query', async () => {
  assert.equal((await org.query({ query: 'SELECT Id FROM Lead', fetchAll: true })).records.length, 250);
});
await works('query of deleted rows', async () => {
  assert.equal((await org.queryAll({ query: 'SELECT Id FROM Account WHERE IsDeleted = true' })).records.length, 1);
});
absent(undefined, 'query plan', 'query of the setup');
await works('search', async () => {
  assert.equal((await org.search({ search: 'FIND {Hopper} IN NAME FIELDS RETURNING Contact(Id)' })).searchRecords?.length ?? 1, 1);
});
absent(undefined, 'collections', 'composite', 'trees', 'Bulk API: load', 'Bulk API: query', 'Bulk API 2.0: load', 'Bulk API 2.0: query');
await works('file', async () => {
  const made = await org.insert({ sobject: record('ContentVersion', {
    Title: 'Notes', PathOnClient: 'notes.txt', attachment: { fileName: 'notes.txt', body: 'Hello' },
  }) });
  await hasContent(made.id, 'Hello');
});
await unbuilt('Apex REST', () => org.apexRest({ uri: 'leads', method: 'GET' }));
await streaming();
process.exit(0);
