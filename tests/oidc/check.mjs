// What a running server believes of a real OpenID Connect provider, before, while and after its keys are rotated.
//
//   node provider.mjs &
//   monituottaja serve --oidc-issuer http://127.0.0.1:4010 --oidc-refetch-seconds 1 --oidc-refresh-seconds 2 &
//   node check.mjs http://127.0.0.1:8000/graphql
//
// Settings: ISSUER (http://127.0.0.1:4010), QUERY ({ __typename }), LEEWAY and REFETCH (seconds, as the server was
// started with: 5 and 1). Prints `N passed, N failed`; exit code 0 when nothing failed.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const server = process.argv[2];
if (!server) {
  console.error('usage: node check.mjs URL');
  process.exit(2);
}
const issuer = process.env.ISSUER ?? 'http://127.0.0.1:4010';
const query = process.env.QUERY ?? '{ __typename }';
const leeway = Number(process.env.LEEWAY ?? 5);
const refetch = Number(process.env.REFETCH ?? 1);
const algorithms = ['RS256', 'ES256', 'EdDSA'];

let passed = 0;
let failed = 0;
function check(name, holds, detail) {
  if (holds) passed += 1;
  else failed += 1;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}${holds ? '' : `: ${JSON.stringify(detail)}`}`);
}

/** An access token of the machine client, by client credentials. */
async function token(resource) {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('case-system:only-on-loopback')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource }),
  });
  const { access_token } = await response.json();
  if (!access_token) throw new Error(`the provider gave no token for ${resource}: ${response.status}`);
  return access_token;
}

/** What the server answers to a bearer: the status, and the body without what differs from request to request. */
async function ask(bearer) {
  const response = await fetch(server, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(bearer && { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify({ query }),
  });
  const body = (await response.text()).replace(/"requestId":"[^"]*"/g, '"requestId":""');
  return { status: response.status, challenge: response.headers.get('www-authenticate'), body };
}

const believes = ({ status, body }) => status === 200 && JSON.parse(body).data?.__typename !== undefined;

/** Asks until the answer has this status; the last answer. */
async function until(status, bearer, seconds = 15) {
  const limit = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask(bearer);
    if (answer.status === status || Date.now() > limit) return answer;
    await sleep(100);
  }
}

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const parts = (text) => text.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
const control = async (act, method = 'POST') => (await fetch(`${issuer}/control${act}`, { method })).json();

// Honest tokens.
const honest = {};
for (const algorithm of algorithms) {
  honest[algorithm] = await token(`urn:monituottaja:${algorithm}`);
  const answer = await ask(honest[algorithm]);
  check(`a token signed with ${algorithm} is believed`, believes(answer), answer);
}

// Forged and misused tokens.
const good = honest.EdDSA;
const [header, claims] = parts(good);
const [encodedHeader, encodedClaims, signature] = good.split('.');
const thief = generateKeyPairSync('ed25519');
const thiefJwk = { ...thief.publicKey.export({ format: 'jwk' }), alg: 'EdDSA', use: 'sig', kid: 'thief' };
let trapped = 0;
const trap = createServer((request, response) => {
  trapped += 1;
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [thiefJwk] }));
});
await new Promise((listening) => trap.listen(0, '127.0.0.1', listening));
const trapUrl = `http://127.0.0.1:${trap.address().port}/keys`;

const stolen = (changes = {}, otherClaims = {}) => {
  const message = `${encode({ ...header, ...changes })}.${encode({ ...claims, ...otherClaims })}`;
  return `${message}.${sign(null, Buffer.from(message), thief.privateKey).toString('base64url')}`;
};
const symmetric = (secret, kid) => {
  const message = `${encode({ ...header, alg: 'HS256', kid })}.${encodedClaims}`;
  return `${message}.${createHmac('sha256', secret).update(message).digest('base64url')}`;
};
const { keys } = await (await fetch(`${issuer}/jwks`)).json();
const published = keys.find(({ kid }) => kid === header.kid);

const forged = {
  'not a token': 'token',
  'no signature': `${encodedHeader}.${encodedClaims}.`,
  'algorithm none': `${encode({ ...header, alg: 'none' })}.${encodedClaims}.`,
  'algorithm none with a signature': `${encode({ ...header, alg: 'none' })}.${encodedClaims}.${signature}`,
  'HS256 with the published key': symmetric(Buffer.from(published.x, 'base64url'), header.kid),
  'HS256 with the published key as text': symmetric(JSON.stringify(published), header.kid),
  'HS256 with an empty secret': symmetric('', header.kid),
  'other claims under the signature': `${encodedHeader}.${encode({ ...claims, sub: 'director' })}.${signature}`,
  'other header over the signature': `${encode({ ...header, typ: 'JWT' })}.${encodedClaims}.${signature}`,
  'a stranger\'s key under a known name': stolen(),
  'a stranger\'s key under its own name': stolen({ kid: 'thief' }),
  'a key offered by address (jku)': stolen({ kid: 'thief', jku: trapUrl }),
  'a key offered by certificate address (x5u)': stolen({ kid: 'thief', x5u: trapUrl }),
  'a key offered in the token (jwk)': stolen({ kid: 'thief', jwk: thiefJwk }),
  'a key name that is a path': stolen({ kid: '../../../../dev/null' }),
  'another key\'s name': `${encode({ ...header, kid: parts(honest.ES256)[0].kid })}.${encodedClaims}.${signature}`,
  'another issuer': stolen({}, { iss: 'https://id.example.fi' }),
  'the demo\'s issuer': stolen({ kid: 'demo' }, { iss: 'urn:monituottaja:demo' }),
  'a token of 10,000 characters': stolen({}, { note: 'x'.repeat(7000) }),
  'a token for another audience': await token('urn:other:ES256'),
};
const brief = await token('urn:monituottaja:brief');
const fresh = await ask(brief);
check('a brief token is believed while it lasts', believes(fresh), fresh);
await sleep((1 + leeway + 1) * 1000);
forged['an expired token'] = brief;

let uniform;
for (const [name, bearer] of Object.entries(forged)) {
  const answer = await ask(bearer);
  uniform ??= answer;
  check(`refused: ${name}`, answer.status === 401, answer);
  check(`  with the same words as the others: ${name}`, JSON.stringify(answer) === JSON.stringify(uniform), answer);
}
check('the challenge names the scheme', /^Bearer\b/.test(uniform.challenge ?? ''), uniform);
check('no address that a token named was fetched', trapped === 0, trapped);

// A flood of unknown keys.
const before = (await control('', 'GET')).keyFetches;
const begun = Date.now();
const answers = await Promise.all(Array.from({ length: 200 }, (_, number) => ask(stolen({ kid: `unknown-${number}` }))));
const allowed = 1 + Math.ceil((Date.now() - begun) / 1000 / refetch);
const fetched = (await control('', 'GET')).keyFetches - before;
check('200 unknown keys are all refused', !answers.some(believes), answers.find(believes));
check(`200 unknown keys cause at most ${allowed} fetches`, fetched <= allowed, fetched);

// Rotation: first both keys hold, then the old one is withdrawn.
await control('/add');
for (const algorithm of algorithms) {
  const bearer = await token(`urn:monituottaja:${algorithm}`);
  check(`${algorithm}: the new key signs`, parts(bearer)[0].kid !== parts(honest[algorithm])[0].kid);
  const answer = await until(200, bearer);
  check(`${algorithm}: a token of the new key is believed`, believes(answer), answer);
  const old = await ask(honest[algorithm]);
  check(`${algorithm}: a token of the old key still is`, believes(old), old);
}
await control('/drop');
for (const algorithm of algorithms) {
  const old = await until(401, honest[algorithm]);
  check(`${algorithm}: a token of the withdrawn key is refused`, old.status === 401, old);
  const answer = await ask(await token(`urn:monituottaja:${algorithm}`));
  check(`${algorithm}: a token of the key in force is believed`, believes(answer), answer);
}

trap.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
