import assert from 'node:assert/strict';
import * as force from 'ts-force';
import { absent, assertion, code, contacts, redirect, refreshToken, streaming, token, url, user, works } from './cells.js';

const connect = (accessToken) => new force.Rest({ accessToken, instanceUrl: url, version: 62 });
const rest = connect(token);
const one = async (c) => assert.equal((await c.query('SELECT Id FROM User')).totalSize, 1);
const app = { instanceUrl: url, client_id: 'key', client_secret: 'secret' };
const login = async (params) => {
  const answer = await force.requestAccessToken({ ...app, ...params });
  await one(connect(answer.access_token));
  return answer;
};

// A class as ts-force generates it from a describe.
const string = { apiName: 'X', updateable: true, createable: true, required: false, externalId: false, childRelationship: false, salesforceType: 'string' };
function generated(type, fields) {
  class Row extends force.RestObject {
    constructor(values) {
      super(type, rest);
      for (const name of Object.keys(fields)) this[name] = undefined;
      this.initObject(values);
      return new Proxy(this, this.safeUpdateProxyHandler);
    }
  }
  Row.API_NAME = type;
  for (const [name, apiName] of Object.entries(fields)) force.sField({ ...string, apiName })(Row.prototype, name);
  return Row;
}
const Account = generated('Account', { name: 'Name', site: 'Site' });
const Contact = generated('Contact', { lastName: 'LastName', title: 'Title' });

await works('login with a token', () => one(rest));
await works('login with a password', () => login({ grant_type: 'password', username: user, password: 'secret' }));
absent(undefined, 'login by SOAP');
await works('login with client credentials', () => login({ grant_type: 'client_credentials' }));
await works('login by JWT', () => login({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion('key') }));
await works('login in the browser', async () => {
  const address = force.getAuthorizationUrl({ ...app, redirect_uri: redirect, response_type: 'code' });
  const answer = await login({ grant_type: 'authorization_code', code: await code(address), redirect_uri: redirect });
  assert.ok(answer.refresh_token);
});
await works('renewed session', () => login({ grant_type: 'refresh_token', refresh_token: refreshToken }));
absent(undefined, 'identity');
await works('limits', async () => assert.ok((await rest.limits()).DailyApiRequests.Max > 0));
absent(undefined, 'list of objects');
await works('describe', async () => assert.ok((await rest.getSObjectDescribe('Lead')).fields.length > 50));
await works('one record', async () => {
  const account = new Account({ name: 'Engines' });
  await account.insert();
  account.site = 'Here';
  await account.update();
  assert.equal((await account.refresh()).site, 'Here');
  await account.delete();
});
absent(undefined, 'upsert by external id');
await works('query', async () => assert.equal((await rest.query("SELECT Id FROM Lead WHERE LastName = 'Person 007'")).totalSize, 1));
await works('all pages of a query', async () => {
  let page = await rest.query('SELECT Id FROM Lead');
  let n = page.records.length;
  while (!page.done) {
    page = await rest.queryMore(page);
    n += page.records.length;
  }
  assert.equal(n, 250);
});
await works('query of deleted rows', async () => {
  assert.equal((await rest.query('SELECT Id FROM Account WHERE IsDeleted = true', true)).totalSize, 1);
});
absent(undefined, 'query plan');
await works('query of the setup', async () => {
  assert.equal((await rest.toolingQuery('SELECT ValidationName, EntityDefinition.QualifiedApiName FROM ValidationRule WHERE Active = true')).size, 0);
});
await works('search', async () => {
  assert.equal((await rest.search('FIND {Person 007} IN NAME FIELDS RETURNING Lead(Id)')).searchRecords.length, 1);
});
await works('collections', async () => {
  const people = contacts(100, 'Collected').map((c) => new Contact({ lastName: c.LastName }));
  const all = new force.CompositeCollection(rest);
  assert.ok((await all.insert(people, true)).every((r) => r.success));
  for (const p of people) p.title = 'Dr';
  assert.ok((await all.update(people)).every((r) => r.success));
  assert.ok((await all.delete(people)).every((r) => r.success));
});
await works('composite', async () => {
  const answer = await new force.Composite(rest)
    .addRequest({ method: 'POST', url: '/services/data/v62.0/sobjects/Account', referenceId: 'a', body: { Name: 'Engines' } })
    .addRequest({ method: 'GET', url: '/services/data/v62.0/sobjects/Account/@{a.id}', referenceId: 'g' })
    .send({ allOrNone: true });
  assert.equal(answer.compositeResponse[1].body.Name, 'Engines');
});
absent(undefined, 'trees', 'Bulk API: load', 'Bulk API: query', 'Bulk API 2.0: load', 'Bulk API 2.0: query', 'file', 'Apex REST');
await streaming();
process.exit(0);
