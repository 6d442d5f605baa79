import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { AppError } from '../errors.js';
import type { Destination } from './delivery.js';

const PROGRAM = path.resolve(import.meta.dirname, '../main.js');
const START_MS_MAX = 120_000;
const POLL_MS = 200;
const STOP_MS_MAX = 20_000;
const STATUS = z.object({ message: z.string() });

/**
 * Whether a server takes telemetry there: asked with an empty OTLP request, which changes nothing.
 * Throws with the server's own reason when it answers but refuses.
 */
export async function probe({ url, headers }: Destination): Promise<'ready' | 'absent'> {
  const response = await answerOf(`${url}/v1/traces`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{}',
  });
  if (response === null) return 'absent';
  const text = await response.text();
  if (response.ok) return 'ready';
  const advice = response.status === 401 ? ' (--key takes one; else set MIDWATCH_DATA_DIR to that of the server)' : '';
  throw new AppError('UNAVAILABLE', `${url} answered ${response.status}: ${reasonIn(text)}${advice}`);
}

/** The message of a google.rpc.Status (OTLP/HTTP failures), or the text itself from whatever else answers there. */
function reasonIn(text: string): string {
  try {
    const status = STATUS.safeParse(JSON.parse(text));
    return status.success ? status.data.message : text;
  } catch {
    // Not JSON: a proxy, or another kind of server.
    return text;
  }
}

export interface StartedServer {
  /** Resolves when the process has ended, for whatever reason. */
  ended: Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts the server as a process of its own and waits until it is ready. Its output is shown. */
export async function startServer(url: string, signal: AbortSignal): Promise<StartedServer> {
  // In a process group of its own: Ctrl-C reaches the demo alone, which sends what is left and then stops the server.
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const ended = once(child, 'exit');
  const stop = async () => {
    if (hasExited(child)) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
  };
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(START_MS_MAX)]);
  try {
    while (!(await isReady(url))) {
      if (hasExited(child)) throw new AppError('UNAVAILABLE', 'the server stopped while it was starting');
      if (deadline.aborted) throw new AppError('UNAVAILABLE', `the server was not ready at ${url} in time`);
      await wait(POLL_MS);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { ended, stop };
}

async function isReady(url: string): Promise<boolean> {
  const response = await answerOf(`${url}/readyz`, {});
  await response?.body?.cancel();
  return response?.ok ?? false;
}

async function answerOf(url: string, request: RequestInit): Promise<Response | null> {
  try {
    return await fetch(url, request);
  } catch {
    // Nobody listens there: the one failure fetch rejects with that matters here.
    return null;
  }
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
