import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import jsforce from 'jsforce';
import { connect, refused, url } from './org.js';

const oauth2 = { loginUrl: url, clientId: 'key', clientSecret: 'secret', redirectUri: 'http://127.0.0.1:1/back' };

// User name and password.
const byPassword = new jsforce.Connection({ oauth2, version: '62.0' });
const user = await byPassword.login('integration@fake.example', 'secret');
assert.match(user.id, /^005.{15}$/);
assert.match(user.organizationId, /^00D.{15}$/);
assert.equal(byPassword.instanceUrl, url);
const identity = await byPassword.identity();
assert.equal(identity.user_id, user.id);
assert.equal(identity.organization_id, user.organizationId);
assert.equal(identity.username, 'integration@fake.example');

// Client credentials.
const byClient = new jsforce.Connection({ oauth2, version: '62.0' });
assert.deepEqual((await byClient.authorize({ grant_type: 'client_credentials' })).id, user.id);

// A signed assertion.
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const claims = `${part({ alg: 'RS256' })}.${part({ iss: 'key', sub: 'integration@fake.example', aud: url, exp: Math.floor(Date.now() / 1000) + 60 })}`;
const assertion = `${claims}.${createSign('RSA-SHA256').update(claims).sign(privateKey, 'base64url')}`;
const bySignature = new jsforce.Connection({ oauth2, version: '62.0' });
assert.equal((await bySignature.authorize({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion })).id, user.id);
assert.equal((await bySignature.query('SELECT Id FROM User')).totalSize, 1);

// A wrong secret, and a wrong user name.
const wrong = (secret) => new jsforce.Connection({ oauth2: { ...oauth2, clientSecret: secret }, version: '62.0' });
await assert.rejects(wrong('wrong').authorize({ grant_type: 'client_credentials' }), { name: 'invalid_client', message: 'invalid client credentials' });
await assert.rejects(wrong('secret').login('nobody@fake.example', 'secret'), { name: 'invalid_grant', message: 'authentication failure' });

// With a token only, the URL of the identity comes from the list of resources.
assert.equal((await connect({ accessToken: byClient.accessToken }).identity()).user_id, user.id);

// Web server with PKCE.
const web = new jsforce.Connection({ oauth2: { ...oauth2, useVerifier: true }, version: '62.0' });
const page = await fetch(web.oauth2.getAuthorizationUrl({ scope: 'api refresh_token', state: 's 1' }), { redirect: 'manual' });
assert.equal(page.status, 302);
const back = new URL(page.headers.get('location'));
assert.equal(back.searchParams.get('state'), 's 1');
await web.authorize(back.searchParams.get('code'));
assert.ok(web.refreshToken);
assert.equal((await web.query('SELECT Id FROM User')).totalSize, 1);
await assert.rejects(web.authorize(back.searchParams.get('code')), { name: 'invalid_grant', message: 'expired authorization code' });

// An expired session is renewed automatically. The org rotates refresh tokens;
// jsforce keeps the old one unless the host listens for the event.
let renewed = 0;
web.on('refresh', (accessToken, res) => {
  renewed += 1;
  web.refreshToken = res.refresh_token;
});
for (let i = 1; i <= 2; i++) {
  web.accessToken = '00D!expired';
  assert.equal((await web.query('SELECT Id FROM User')).totalSize, 1);
  assert.equal(renewed, i);
}
await web.sobject('Contact').create({ LastName: 'Lovelace' });

// A session that cannot be renewed is an error.
await refused('INVALID_SESSION_ID', () => connect({ accessToken: '00D!expired' }).query('SELECT Id FROM User'));

// Logging out ends the session.
const again = connect({ accessToken: web.accessToken });
await web.logout();
await refused('INVALID_SESSION_ID', () => again.query('SELECT Id FROM User'));

// The list of versions needs no token.
const versions = await (await fetch(`${url}/services/data/`)).json();
assert.ok(versions.some((v) => v.version === '62.0' && v.url === '/services/data/v62.0'));
