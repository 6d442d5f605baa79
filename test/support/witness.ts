import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseVerifierKey, type VerifierKey } from '../../src/ledger/note/key.js';
import { until } from './wait.js';

const MIDWATCH = path.resolve(import.meta.dirname, '../../bin/midwatch.js');
const STARTED_MS = 30_000;

/** A witness process, started as a user starts it. */
export interface TestWitness {
  url: string;
  vkey: string;
  key: VerifierKey;
  process: ChildProcess;
  stderr(): string;
  /** POSTs a body to add-checkpoint. */
  add(body: string | Uint8Array<ArrayBuffer>): Promise<Response>;
  /** Ends it with a signal and waits; resolves to its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Rejects with what it said when it ends before it serves. */
export async function startWitness(dataDir: string, ...options: readonly string[]): Promise<TestWitness> {
  const listen = options.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [MIDWATCH, 'witness', '--data', dataDir, ...listen, ...options], {
    env: { PATH: process.env.PATH },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const untimely = once(child, 'close').then(([code]) => Promise.reject(new Error(`ended with ${code}: ${stderr}`)));
  const url = await Promise.race([
    until(() => /takes checkpoints at (http:\S+)\/add-checkpoint\n/.exec(stderr)?.[1], STARTED_MS),
    untimely,
  ]);
  untimely.catch(() => undefined);
  const vkey = stdout.trimEnd();
  const key = parseVerifierKey(vkey);
  if (key === null) throw new Error(`it printed no verifier key: ${stdout}`);
  return {
    url,
    vkey,
    key,
    process: child,
    stderr: () => stderr,
    add: (body) => fetch(`${url}/add-checkpoint`, { method: 'POST', body }),
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      return (await ended)[0];
    },
  };
}
