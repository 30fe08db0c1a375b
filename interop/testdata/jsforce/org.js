// Shared by the scripts. Each runs against its own org, whose address and token are
// in its environment.
import assert from 'node:assert/strict';
import jsforce from 'jsforce';

export const url = process.env.ORG_URL;
export const key = 'LeadsyncKey__c';

export function connect(options) {
  return new jsforce.Connection({ instanceUrl: url, accessToken: process.env.ORG_TOKEN, version: '62.0', ...options });
}

// refused expects a call to fail with an errorCode, and returns the error.
export async function refused(errorCode, call) {
  let failure;
  try {
    await call();
  } catch (err) {
    failure = err;
  }
  assert.ok(failure, `${errorCode}: nothing was refused`);
  assert.equal(failure.errorCode, errorCode, failure.stack);
  return failure;
}

// codes returns the status codes of a collection's rows, '' for those written.
export function codes(results) {
  return results.map((r) => (r.success ? '' : r.errors[0].statusCode));
}
