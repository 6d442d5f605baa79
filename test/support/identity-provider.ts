import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface IdentityProviderServer {
  url: string;
  /** The environment of a Midwatch that trusts it. */
  env: Record<string, string>;
  /** What may go wrong with the next sign-in. */
  faults: { nonce?: string; idTokenAudience?: string; tokenStatus?: number };
  /** As a person who says yes: where the provider sends the browser back to. */
  consent(location: string): string;
  close(): Promise<void>;
}

const CLIENT = { id: 'dashboard', secret: 'a secret/with:signs' };
const AUDIENCE = 'https://midwatch.example';

interface Asked {
  challenge: string;
  redirectUri: string;
  nonce: string;
}

/** An OpenID Connect provider that holds clients to PKCE (RFC 7636) and to their secret. */
export async function startIdentityProvider(): Promise<IdentityProviderServer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'idp-1', alg: 'ES256', use: 'sig' };
  const asked = new Map<string, Asked>();
  const faults: IdentityProviderServer['faults'] = {};
  let url = '';
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (path === '/.well-known/openid-configuration') {
      return answer(200, { issuer: url, authorization_endpoint: `${url}/authorize`, token_endpoint: `${url}/token` });
    }
    if (path === '/jwks') return answer(200, { keys: [jwk] });
    if (path !== '/token') return answer(404, {});
    const tokens = await tokensFor(request, { asked, url, privateKey, faults });
    return answer(tokens === null ? 400 : (faults.tokenStatus ?? 200), tokens ?? { error: 'invalid_grant' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    faults,
    env: {
      MIDWATCH_JWKS_URL: `${url}/jwks`,
      MIDWATCH_JWT_ISSUER: url,
      MIDWATCH_JWT_AUDIENCE: AUDIENCE,
      MIDWATCH_OIDC_CLIENT_ID: CLIENT.id,
      MIDWATCH_OIDC_CLIENT_SECRET: CLIENT.secret,
    },
    consent: (location) => {
      const { searchParams } = new URL(location);
      const of = (name: string) => searchParams.get(name) ?? '';
      const code = randomUUID();
      asked.set(code, { challenge: of('code_challenge'), redirectUri: of('redirect_uri'), nonce: of('nonce') });
      return `${of('redirect_uri')}?${new URLSearchParams({ code, state: of('state'), iss: url })}`;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

interface Issuing {
  asked: Map<string, Asked>;
  url: string;
  privateKey: CryptoKey;
  faults: IdentityProviderServer['faults'];
}

async function tokensFor(request: IncomingMessage, { asked, url, privateKey, faults }: Issuing) {
  let body = '';
  for await (const chunk of request) body += chunk;
  const form = new URLSearchParams(body);
  const code = form.get('code') ?? '';
  const was = asked.get(code);
  asked.delete(code);
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  const pair = [CLIENT.id, CLIENT.secret].map(encodeURIComponent).join(':');
  const isClient = request.headers.authorization === `Basic ${Buffer.from(pair).toString('base64')}`;
  if (was === undefined || was.challenge !== challenge || was.redirectUri !== form.get('redirect_uri') || !isClient) {
    return null;
  }
  const sign = (claims: object, audience: string, type: string) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'idp-1', typ: type })
      .setIssuer(url)
      .setSubject('ada@example.com')
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
  return {
    token_type: 'Bearer',
    access_token: await sign({ roles: ['OPERATOR'], fleets: ['default'] }, AUDIENCE, 'at+jwt'),
    id_token: await sign({ nonce: faults.nonce ?? was.nonce }, faults.idTokenAudience ?? CLIENT.id, 'JWT'),
  };
}
