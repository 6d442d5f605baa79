import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadInstallationKey } from '../../src/access/keys.js';
import type { Role } from '../../src/access/policy.js';
import { signToken } from '../../src/access/token.js';
import { systemClock } from '../../src/clock.js';
import { until } from './wait.js';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** A Midwatch process, started as a user starts it, seen through its public doors only. */
export interface TestServer {
  url: string;
  process: ChildProcess;
  /** Everything it has written to stderr so far. */
  stderr(): string;
  stdout(): string;
  token(roles?: Role[], fleets?: string[] | '*'): Promise<string>;
  /** POSTs one OTLP request; resolves to the answer. */
  send(body: string | Uint8Array<ArrayBuffer>, options?: SendOptions): Promise<Response>;
  graphql<T = Record<string, unknown>>(
    query: string,
    variables?: object,
    headers?: Record<string, string>,
  ): Promise<GraphQLAnswer<T>>;
  /** Ends it with a signal and waits; resolves to its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface SendOptions {
  path?: string;
  headers?: Record<string, string>;
}

export interface GraphQLAnswer<T> {
  data: T;
  errors?: { message: string; path?: (string | number)[]; extensions?: { code?: string } }[];
}

export interface ServerOptions {
  /** Left out: the embedded PostgreSQL. */
  databaseUrl?: string;
  /** Left out: a new one, removed at the end. */
  dataDir?: string;
  port?: number;
  env?: Record<string, string>;
  /** Left out: whoever runs the test. */
  account?: { uid: number; gid: number };
}

export function newDataDir(): string {
  return mkdtempSync(path.join(tmpdir(), 'midwatch-data-'));
}

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const port = options.port ?? (await freePort());
  const dataDir = options.dataDir ?? newDataDir();
  const child = spawn(process.execPath, ['--max-semi-space-size=64', 'dist/main.js'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      MIDWATCH_DATA_DIR: dataDir,
      MIDWATCH_SETTLE_MS: '1500',
      ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
      ...options.env,
    },
    ...options.account,
  });
  const output = collectOutput(child);
  const url = `http://127.0.0.1:${port}`;
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${output.stderr()}`);
    return (await fetch(`${url}/readyz`)).ok;
  }, 30_000);
  return doorsOf({ child, url, dataDir, output, isOwnDir: options.dataDir === undefined });
}

interface Running {
  child: ChildProcess;
  url: string;
  dataDir: string;
  output: { stderr(): string; stdout(): string };
  isOwnDir: boolean;
}

function doorsOf({ child, url, dataDir, output, isOwnDir }: Running): TestServer {
  const token = async (roles: Role[] = ['ADMIN'], fleets: string[] | '*' = '*') =>
    signToken(await loadInstallationKey(dataDir), { roles, fleets, ttlMs: 3_600_000, subject: 'test' }, systemClock);
  return {
    url,
    process: child,
    ...output,
    token,
    send: async (body, { path: target = '/v1/traces', headers = {} } = {}) =>
      fetch(`${url}${target}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await token()}`,
          'x-fleet-id': 'default',
          ...headers,
        },
        body,
      }),
    graphql: async (query, variables = {}, headers = {}) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await token()}`,
          'x-fleet-id': 'default',
          ...headers,
        },
        body: JSON.stringify({ query, variables }),
      });
      return response.json();
    },
    stop: async (signal = 'SIGTERM') => {
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill(signal);
      const code = await ended;
      if (isOwnDir && signal !== 'SIGKILL') rmSync(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}

function collectOutput(child: ChildProcess): Running['output'] {
  let stderr = '';
  let stdout = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  return { stderr: () => stderr, stdout: () => stdout };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
