// jsforce pipes all pages of a bulk query into one stream, and the first page
// ends it: no caller can catch the error of the second
// (https://github.com/jsforce/jsforce/issues/1546).
import assert from 'node:assert/strict';
import { connect } from './org.js';

process.once('uncaughtException', (err) => {
  assert.equal(err.code, 'ERR_STREAM_WRITE_AFTER_END', err.stack);
  process.exit(0);
});
const conn = connect();
conn.bulk2.pollInterval = 1; // ms
await (await conn.bulk2.query('SELECT LastName FROM Contact')).toArray();
assert.fail('jsforce has learned to read pages');
