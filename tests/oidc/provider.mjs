// A real OpenID Connect provider (npm oidc-provider) on loopback, with keys that can be rotated while it runs.
//
//   node provider.mjs        PORT=4010
//
// The machine client `case-system` gets access tokens by client credentials. The resource it asks for decides what the
// token is like: urn:monituottaja:RS256, :ES256 or :EdDSA give tokens for the audience `monituottaja` signed that way,
// urn:monituottaja:brief one that ends after a second, urn:other:ES256 one for another audience.
//
//   POST /control/add    publishes new keys, which sign from now on; the earlier ones stay published
//   POST /control/drop   withdraws all keys but the newest
//   GET  /control        { "keyFetches": how often the keys have been fetched }
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import Provider, { errors } from 'oidc-provider';

const port = Number(process.env.PORT ?? 4010);
const issuer = `http://127.0.0.1:${port}`;
const kinds = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

/** One new private key of each kind, as JSON Web Keys. */
function generation() {
  return Object.entries(kinds).map(([alg, make]) => ({
    ...make().privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `${alg}-${randomUUID()}`,
  }));
}

function resource(ctx, indicator) {
  const [, audience, kind] = /^urn:(monituottaja|other):(RS256|ES256|EdDSA|brief)$/.exec(indicator) ?? [];
  if (!audience) throw new errors.InvalidTarget();
  return {
    scope: '',
    audience,
    accessTokenFormat: 'jwt',
    accessTokenTTL: kind === 'brief' ? 1 : 600,
    jwt: { sign: { alg: kind === 'brief' ? 'ES256' : kind } },
  };
}

/** The provider takes its keys when it is made: other keys, another provider behind the same socket. */
function provider(keys) {
  return new Provider(issuer, {
    jwks: { keys },
    clients: [{
      client_id: 'case-system',
      client_secret: 'only-on-loopback',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    }],
    enabledJWA: { idTokenSigningAlgValues: Object.keys(kinds) },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: true, getResourceServerInfo: resource },
    },
  }).callback();
}

let keys = generation();
let handle = provider(keys);
let keyFetches = 0;

const control = {
  'GET /control': () => {},
  'POST /control/add': () => { keys = [...generation(), ...keys]; handle = provider(keys); },
  'POST /control/drop': () => { keys = keys.slice(0, Object.keys(kinds).length); handle = provider(keys); },
};

createServer((request, response) => {
  const act = control[`${request.method} ${request.url}`];
  if (act) {
    act();
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keyFetches }));
    return;
  }
  if (request.url === '/jwks') keyFetches += 1;
  handle(request, response);
}).listen(port, '127.0.0.1', () => console.log(`OpenID Connect provider at ${issuer}`));
