// The command line tool, with its commands run in one process.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core';
import { absent, fails, hasContent, key, refreshToken, token, url, user, works } from './cells.js';

process.setMaxListeners(0);
const root = fileURLToPath(import.meta.resolve('@salesforce/cli')).replace(/dist.*$/, '');
const config = await Config.load({ root });
const run = (command, ...args) => config.runCommand(command, [...args, '--json']);
const sf = (command, ...args) => run(command, '--target-org', user, ...args);
const one = async () => assert.equal((await sf('data:query', '--query', 'SELECT Id FROM User')).totalSize, 1);
const csv = (name, ...rows) => {
  writeFileSync(name, rows.map((row) => `${row}\n`).join(''));
  return name;
};

process.env.SF_ACCESS_TOKEN = token;
await works('login with a token', async () => {
  await run('org:login:access-token', '--instance-url', url, '--no-prompt');
  await one();
});
absent(undefined, 'login with a password', 'login by SOAP', 'login with client credentials');
await works('login by JWT', async () => {
  writeFileSync('key.pem', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await run('org:login:jwt', '--username', user, '--jwt-key-file', 'key.pem', '--client-id', 'key', '--instance-url', url);
  await one();
});
absent('it opens a browser and is not tried', 'login in the browser');
await works('renewed session', async () => {
  writeFileSync('url.txt', `force://PlatformCLI::${refreshToken}@${new URL(url).host}`);
  await run('org:login:sfdx-url', '--sfdx-url-file', 'url.txt');
  await one();
});
await works('identity', async () => assert.equal((await sf('org:display')).connectedStatus, 'Connected'));
await works('limits', async () => assert.ok((await sf('org:list:limits')).some((l) => l.name === 'DailyApiRequests' && l.max > 0)));
await works('list of objects', async () => assert.ok((await sf('sobject:list')).includes('Lead')));
await works('describe', async () => assert.ok((await sf('sobject:describe', '--sobject', 'Lead')).fields.length > 50));
await works('one record', async () => {
  const { id } = await sf('data:create:record', '--sobject', 'Account', '--values', "Name='Engines & Co'");
  await sf('data:update:record', '--sobject', 'Account', '--record-id', id, '--values', 'Site=Here');
  assert.equal((await sf('data:get:record', '--sobject', 'Account', '--where', "Name='Engines & Co'")).Site, 'Here');
  await sf('data:delete:record', '--sobject', 'Account', '--record-id', id);
});
absent(undefined, 'upsert by external id');
await works('query', async () => {
  const found = await sf('data:query', '--query', "SELECT Name, Owner.Name FROM Lead WHERE LastName = 'Person 007'");
  assert.equal(found.records[0].Owner.Name, 'Integration User');
});
await works('all pages of a query', async () => assert.equal((await sf('data:query', '--query', 'SELECT Id FROM Lead')).records.length, 250));
await works('query of deleted rows', async () => {
  assert.equal((await sf('data:query', '--all-rows', '--query', 'SELECT Id FROM Account WHERE IsDeleted = true')).totalSize, 1);
});
absent(undefined, 'query plan');
await works('query of the setup', async () => {
  const query = 'SELECT ValidationName, EntityDefinition.QualifiedApiName FROM ValidationRule WHERE Active = true';
  assert.equal((await sf('data:query', '--use-tooling-api', '--query', query)).totalSize, 0);
  const fields = "SELECT DataType FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Lead' AND QualifiedApiName = 'Company'";
  assert.equal((await sf('data:query', '--use-tooling-api', '--query', fields)).records[0].DataType, 'Text(255)');
});
await works('search', async () => {
  assert.equal((await sf('data:search', '--query', 'FIND {Person 007} IN NAME FIELDS RETURNING Lead(Id)')).searchRecords.length, 1);
});
absent(undefined, 'collections', 'composite');
await works('trees', async () => {
  writeFileSync('tree.json', JSON.stringify({ records: [{ attributes: { type: 'Account', referenceId: 'r1' }, Name: 'Tree',
    Contacts: { records: [{ attributes: { type: 'Contact', referenceId: 'r2' }, LastName: 'Leaf' }] } }] }));
  assert.equal((await sf('data:import:tree', '--files', 'tree.json')).length, 2);
  mkdirSync('out');
  const query = "SELECT Id, Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'Tree'";
  await sf('data:export:tree', '--query', query, '--plan', '--output-dir', 'out');
  assert.equal((await sf('data:import:tree', '--plan', 'out/Account-Contact-plan.json')).length, 2);
});
absent(undefined, 'Bulk API: load', 'Bulk API: query');
// Each waits five seconds for its job, so that they go side by side.
const exported = works('Bulk API 2.0: query', async () => {
  await sf('data:export:bulk', '--query', 'SELECT Id FROM Lead', '--output-file', 'leads.csv', '--wait', '2');
  assert.equal(readFileSync('leads.csv', 'utf8').trim().split('\n').length, 251);
});
await works('Bulk API 2.0: load', async () => {
  const job = ['--sobject', 'Contact', '--wait', '2', '--file'];
  const made = await sf('data:import:bulk', ...job, csv('in.csv', `LastName,${key}`, 'One,k1', 'Two,k2'));
  assert.equal(made.successfulRecords, 2);
  const up = await sf('data:upsert:bulk', ...job, csv('up.csv', `LastName,${key}`, 'One,k1', 'Three,k3'), '--external-id', key);
  assert.equal(up.records.successfulResults.filter((r) => r.sf__Created === 'true').length, 1);
  const rows = up.records.successfulResults.map((r) => r.sf__Id);
  const changed = sf('data:update:bulk', ...job, csv('change.csv', 'Id,Title', ...rows.slice(1).map((id) => `${id},Dr`)));
  const gone = await sf('data:delete:bulk', ...job, csv('gone.csv', 'Id', rows[0]));
  assert.equal(gone.jobInfo.numberRecordsProcessed, 1);
  assert.equal((await changed).successfulRecords, 1);
});
await exported;
await works('file', async () => {
  const made = await sf('data:create:file', '--file', csv('notes.txt', 'Hello'), '--parent-id',
    (await sf('data:query', '--query', 'SELECT Id FROM Lead LIMIT 1')).records[0].Id);
  await hasContent(made.Id, 'Hello\n');
});
absent(undefined, 'Apex REST', 'streaming');
process.exit(0);
