import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Issued, issue, makeTokenOver, readQuery, replyWith, TIME_STAMPING, type TokenWish } from './tsa.js';

/** What the authority does with a query: what it answers, or nothing at all. */
export type Reaction =
  | { status?: number; type?: string; headers?: Record<string, string>; body: Buffer | string }
  | 'hang';

export interface AskedQuery {
  headers: IncomingHttpHeaders;
  method: string | undefined;
  imprint: Buffer;
  nonce: Buffer;
}

export interface TestAuthority {
  url: string;
  root: Issued;
  /** PEM of the root. */
  roots: string;
  queries: AskedQuery[];
  /** What comes of each query; a proper token, unless a test says otherwise. */
  react: (query: AskedQuery) => Promise<Reaction>;
  /** The answer to a query with a token that is as it should be but for what is wished. */
  stamp(query: AskedQuery, wish?: Partial<TokenWish>): Promise<Reaction>;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** A time-stamping authority on loopback. */
export async function startAuthority(): Promise<TestAuthority> {
  // Clocks of tests may be ahead.
  const toMs = Date.now() + DAY_MS;
  const root = await issue({ name: 'root', isAuthority: true, toMs });
  const signer = await issue({ name: 'tsa.example', issuer: root, usages: TIME_STAMPING, toMs });
  const state: TestAuthority = {
    url: '',
    root,
    roots: pemOf(root),
    queries: [],
    react: (query) => state.stamp(query),
    stamp: async ({ imprint, nonce }, wish = {}) => {
      return { body: replyWith(await makeTokenOver(imprint, { signer, nonce, ...wish })) };
    },
    close: async () => undefined,
  };
  const server: Server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const query = { headers: incoming.headers, method: incoming.method, ...readQuery(Buffer.concat(chunks)) };
    state.queries.push(query);
    const reaction = await state.react(query);
    if (reaction === 'hang') return;
    const { status = 200, type = 'application/timestamp-reply', headers = {}, body } = reaction;
    response.writeHead(status, { 'content-type': type, ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsr`;
  state.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return state;
}

export function pemOf({ certificate }: Pick<Issued, 'certificate'>): string {
  const base64 = Buffer.from(certificate.toSchema().toBER()).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
