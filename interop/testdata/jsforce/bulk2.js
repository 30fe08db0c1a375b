import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { connect, key, refused } from './org.js';

const conn = connect();
conn.bulk2.pollInterval = 1; // ms
const people = Array.from({ length: 250 }, (_, i) => ({ LastName: `Person ${i}`, Description: 'a "quoted",\nbroken line', [key]: `p${i}`, Badge__c: i % 2 === 0 }));
const load = (operation, input, options) => conn.bulk2.loadAndWaitForResults({ object: 'Contact', operation, input, ...options });

// Step by step, with the states that the job goes through.
const job = conn.bulk2.createJob({ object: 'Contact', operation: 'insert' });
const states = [];
job.on('inProgress', (info) => states.push(info.state));
job.on('jobComplete', (info) => states.push(info.state));
await job.open();
assert.match(job.id, /^750.{15}$/);
assert.equal(job.getInfo().state, 'Open');
await job.uploadData([...people, { LastName: '', Description: 'nobody', [key]: 'none', Badge__c: false }]);
await job.close();
assert.equal(job.getInfo().state, 'UploadComplete');
await job.poll();
assert.deepEqual(states, ['UploadComplete', 'InProgress', 'JobComplete']);
const { jobType, numberRecordsProcessed, numberRecordsFailed } = await job.check();
assert.deepEqual([jobType, numberRecordsProcessed, numberRecordsFailed], ['V2Ingest', 251, 1]);
const done = await job.getAllResults();
assert.equal(done.successfulResults.length, 250);
assert.equal(done.failedResults.length, 1);
assert.match(done.failedResults[0].sf__Error, /^REQUIRED_FIELD_MISSING:.*\[LastName\]:LastName --$/);
assert.deepEqual(done.unprocessedRecords, []);
assert.match(await job.getSuccessfulResults(true), /^"sf__Id","sf__Created"/);
const [first] = done.successfulResults;
assert.equal(first.sf__Created, 'true');
assert.equal(first.Description, 'a "quoted",\nbroken line');
const row = await conn.sobject('Contact').retrieve(first.sf__Id);
assert.deepEqual([row.LastName, row.Badge__c, row.Description], [first.LastName, first.Badge__c === 'true', first.Description]);

// The job can be opened by its id.
assert.equal((await conn.bulk2.job('ingest', { id: job.id }).check()).state, 'JobComplete');
await job.delete();
await refused('NOT_FOUND', () => job.check());

// All in one, from records, text and streams. null empties a field.
const updated = await load('update', [{ Id: first.sf__Id, FirstName: 'Ada', Description: null }, { Id: '003000000000009AAA', FirstName: 'Nobody', Description: null }]);
assert.deepEqual([updated.successfulResults.length, updated.failedResults.length], [1, 1]);
const { FirstName, Description } = await conn.sobject('Contact').retrieve(first.sf__Id);
assert.deepEqual([FirstName, Description], ['Ada', null]);
const upserted = await load('upsert', `${key};LastName\r\nP0;Lovelace\r\nnew;"Turing; Alan"\r\n`, { externalIdFieldName: key, columnDelimiter: 'SEMICOLON', lineEnding: 'CRLF' });
assert.deepEqual(upserted.successfulResults.map((r) => [r.sf__Created, r.LastName]).sort(), [['false', 'Lovelace'], ['true', 'Turing; Alan']]);
const ids = done.successfulResults.slice(1).map((r) => r.sf__Id);
const deleted = await load('delete', Readable.from(['Id\n', ids.slice(0, 100).join('\n'), '\n', ids.slice(100).join('\n'), '\n']));
assert.equal(deleted.successfulResults.length, 249);

// An aborted job writes no rows.
const aborted = conn.bulk2.createJob({ object: 'Contact', operation: 'insert' });
await aborted.open();
await aborted.uploadData('LastName\nHopper\n');
await aborted.abort();
assert.equal((await aborted.check()).state, 'Aborted');
await assert.rejects(aborted.poll(), { message: 'Job has been aborted' });
assert.deepEqual(await aborted.getUnprocessedRecords(), [{ LastName: 'Hopper' }]);

// Queries of one page; bulk2pages.js has more.
const records = async (soql, options) => (await conn.bulk2.query(soql, options)).toArray();
assert.deepEqual(await records("SELECT LastName, Account.Name, Badge__c FROM Contact WHERE LastName LIKE 'Turing%'"), [{ LastName: 'Turing; Alan', 'Account.Name': '', Badge__c: 'false' }]);
assert.deepEqual(await records("SELECT Id FROM Contact WHERE LastName = 'Nobody'"), []);
assert.equal((await records('SELECT Id FROM Contact WHERE IsDeleted = true', { scanAll: true, columnDelimiter: 'COMMA', lineEnding: 'LF' })).length, 249);

// A query job can be opened by its id too.
const { id } = await conn.requestPost('/jobs/query', { operation: 'query', query: "SELECT LastName FROM Contact WHERE LastName LIKE 'Turing%'" });
const queryJob = conn.bulk2.job('query', { id });
await queryJob.poll();
assert.equal(queryJob.getInfo().jobType, 'V2Query');
assert.deepEqual(await (await queryJob.result()).toArray(), [{ LastName: 'Turing; Alan' }]);
await refused('INVALIDJOBSTATE', () => queryJob.abort());
await queryJob.delete();
await refused('NOT_FOUND', () => queryJob.check());

// Wrong input.
const bulk2 = (options) => conn.bulk2.createJob({ object: 'Contact', operation: 'insert', ...options });
await refused('INVALIDJOB', () => bulk2({ object: 'Nope__c' }).open());
await refused('INVALIDJOB', () => bulk2({ operation: 'upsert', externalIdFieldName: 'Title' }).open());
await refused('INVALIDJOB', () => bulk2({ operation: 'merge' }).open());
await refused('INVALIDJOB', () => bulk2({ contentType: 'JSON' }).open());
await refused('JSON_PARSER_ERROR', () => bulk2({ columnDelimiter: 'DOT' }).open());
await refused('NOT_FOUND', () => conn.bulk2.job('ingest', { id: '750000000000009AAA' }).check());
await refused('MALFORMED_QUERY', () => conn.bulk2.query('SELECT Id FROM'));
await refused('INVALID_FIELD', () => conn.bulk2.query('SELECT Nope__c FROM Contact'));
await refused('API_ERROR', () => conn.bulk2.query('SELECT COUNT() FROM Contact'));
const empty = bulk2();
await empty.open();
await refused('INVALIDJOBSTATE', () => empty.close());
await assert.rejects(empty.poll(), /Job is still open/);
await assert.rejects(empty.getSuccessfulResults(), /INVALIDJOBSTATE/); // read as CSV, the error has no code
await empty.uploadData('LastName\nHopper\n');
await assert.rejects(empty.uploadData('LastName\nHopper\n'), /only be uploaded to a job once/);
await refused('INVALIDJOBSTATE', () => conn.request({ method: 'PUT', url: `/jobs/ingest/${empty.id}/batches`, body: 'LastName\nHopper\n', headers: { 'content-type': 'text/csv' } }));
await refused('INVALIDJOBSTATE', () => empty.delete());
const failed = (input, message) => assert.rejects(load('insert', input), { message: `Ingest job failed to complete due to: ${message}` });
await failed('Nope__c\n1\n', 'InvalidBatch : Field name not found : Nope__c');
await failed('LastName\r\nHopper\r\n', 'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF');
