// Requests that the fake org does not support: it responds with 501.
import assert from 'node:assert/strict';
import jsforce from 'jsforce';
import { connect, url } from './org.js';

const conn = connect();
const unknown = (call) => assert.rejects(async () => call(), /does not support/);
await unknown(() => conn.tooling.query('SELECT Id FROM ApexClass'));
await unknown(() => conn.apex.get('/leads'));
await unknown(() => conn.tabs());

// A login by SOAP is refused as new orgs refuse it, with a fault.
await assert.rejects(new jsforce.Connection({ loginUrl: url }).login('integration@fake.example', 'secret'),
  /INVALID_OPERATION: SOAP API login\(\) is disabled by default in this org/);
