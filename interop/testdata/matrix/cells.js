// Shared by the scripts of the matrix: each step is a cell, which the test reads from the
// output. Every script reports every operation once.
import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { setMaxListeners } from 'node:events';

setMaxListeners(0);
export const url = process.env.ORG_URL;
export const token = process.env.ORG_TOKEN;
export const refreshToken = process.env.ORG_REFRESH_TOKEN;
export const user = 'integration@fake.example';
export const key = 'LeadsyncKey__c';
export const redirect = 'http://127.0.0.1:1/back';

function report(operation, result, why) {
  console.log(`\ncell ${JSON.stringify({ operation, result, why })}`);
}

// works is a step that the org carries out as Salesforce does.
export async function works(operation, step) {
  try {
    await step();
    report(operation, 'works');
  } catch (err) {
    report(operation, 'failed', String(err?.stack ?? err));
  }
}

// fails is a step that ends with an error: of Salesforce (refused), of the client (fails), or
// because the fake org lacks something (not built).
export async function fails(operation, result, pattern, why, step) {
  try {
    await step();
  } catch (err) {
    const text = String(err?.message ?? err);
    report(operation, pattern.test(text) ? result : 'failed', pattern.test(text) ? why : String(err?.stack ?? err));
    return;
  }
  report(operation, 'failed', 'nothing was refused');
}

export const unbuilt = (operation, step) => fails(operation, 'not built', /does not support|NOT_IMPLEMENTED/, undefined, step);

// streaming asks what every client of it asks first; some of them never give up.
export const streaming = () => unbuilt('streaming', async () => {
  const answer = await fetch(`${url}/cometd/62.0`, { method: 'POST', body: '[]', headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(await answer.text());
});

// hasContent looks at a file that was uploaded.
export async function hasContent(version, content) {
  const answer = await fetch(`${url}/services/data/v62.0/sobjects/ContentVersion/${version}/VersionData`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  assert.equal(await answer.text(), content);
}

// absent are operations that the client does not offer.
export function absent(why, ...operations) {
  for (const operation of operations) report(operation, 'not offered', why);
}

// code asks for a code of the web server flow, as a browser does whose user agrees.
export async function code(address) {
  const page = await fetch(address, { redirect: 'manual' });
  assert.equal(page.status, 302);
  return new URL(page.headers.get('location')).searchParams.get('code');
}

// assertion is a signed JWT of a new key.
export function assertion(client) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = `${part({ alg: 'RS256' })}.${part({ iss: client, sub: user, aud: url, exp: Math.floor(Date.now() / 1000) + 60 })}`;
  return `${claims}.${createSign('RSA-SHA256').update(claims).sign(privateKey, 'base64url')}`;
}

// contacts are n rows to write.
export function contacts(n, prefix) {
  return Array.from({ length: n }, (_, i) => ({ LastName: `${prefix} ${i}`, [key]: `${prefix}-${i}` }));
}
