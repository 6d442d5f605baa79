import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
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
  env?: Record<string, string>;
  /** Left out: whoever runs the test. */
  account?: { uid: number; gid: number };
}

export function newDataDir(): string {
  return mkdtempSync(path.join(tmpdir(), 'midwatch-data-'));
}

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? newDataDir();
  const child = spawn(process.execPath, ['--max-semi-space-size=64', 'dist/main.js'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      MIDWATCH_DATA_DIR: dataDir,
      MIDWATCH_SETTLE_MS: '1500',
      ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
      ...options.env,
    },
    ...options.account,
  });
  const output = collectOutput(child);
  const url = await Promise.race([servedAt(output), untimelyEnd(child, output)]);
  return doorsOf({ child, url, dataDir, output, isOwnDir: options.dataDir === undefined });
}

const STARTED_MS = 30_000;

/** Where it says that it serves: the port is the system's choice, so that no other process can have it. */
async function servedAt({ stdout }: Output): Promise<string> {
  const url = await until(() => /standing watch on (http:\S+)/.exec(stdout())?.[1], STARTED_MS);
  await until(async () => (await fetch(`${url}/readyz`)).ok, STARTED_MS);
  return url;
}

async function untimelyEnd(child: ChildProcess, { stderr }: Output): Promise<never> {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`ended with ${code ?? signal}: ${stderr()}`);
}

interface Output {
  stderr(): string;
  stdout(): string;
}

interface Running {
  child: ChildProcess;
  url: string;
  dataDir: string;
  output: Output;
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

function collectOutput(child: ChildProcess): Output {
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
