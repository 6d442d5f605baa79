import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { loadInstallationKey } from '../src/access/keys.js';
import { signToken } from '../src/access/token.js';
import { systemClock } from '../src/clock.js';
import { newFleet } from '../test/support/access.js';
import { createDatabase, startPostgres } from '../test/support/postgres.js';
import { newDataDir, startServer, type TestServer } from '../test/support/server.js';
import { until } from '../test/support/wait.js';

const SUBSCRIBERS = 500;
const SUBSCRIBERS_PER_CREDENTIAL = 100;
const EVENTS_PER_ROUND = 100;
const ROUNDS = 7;
const RATIO_GOAL = 0.8;
const QUIET_FLEET = 'quiet';
const TICK_MS = 10;

const DOCUMENT = `subscription {
  decisionRecorded {
    id agent { name } riskClass model startedAt endedAt latencyMs costUsd outcome tokens { input output total }
  }
}`;
const RECORD = `mutation Record($input: RecordDecisionsInput!) {
  recordDecisions(input: $input) { __typename }
}`;

/**
 * 500 subscribers of one stream of decisions over 500 WebSockets, from the request that records them, against a process
 * that sends the same string to 500 WebSockets and does nothing else. CPU is that of the sending process, in alternating
 * rounds: with decisions recorded together, which are sent together, and one by one, each waited for, less what recording
 * them costs in a fleet that nobody follows.
 */
export async function run(): Promise<void> {
  const postgres = await startPostgres();
  const database = await createDatabase(postgres.url);
  await newFleet(database.pool, QUIET_FLEET);
  const dataDir = newDataDir();
  const server = await startServer({ databaseUrl: database.url, dataDir });
  const raw = fork(path.join(import.meta.dirname, 'broadcast.mjs'));
  const listening = once(raw, 'message');
  try {
    const shared = await subscribeAll(server, dataDir);
    const limit = await connectAll((await listening) as [{ port: number }]);
    const message = await shared.learnMessage(() => record(server, 1));
    const parties: Parties = { server, shared, raw, limit, message };
    const rounds: Round[] = [];
    for (let round = -1; round < ROUNDS; round += 1) {
      const costs = await measureRound(parties);
      if (round >= 0) rounds.push(costs);
    }
    report(rounds, message.length);
  } finally {
    raw.kill();
    await server.stop();
    await database.drop();
    await postgres.stop();
  }
}

interface Parties {
  server: TestServer;
  shared: Audience;
  raw: ChildProcess;
  limit: Audience;
  message: string;
}

/** Microseconds for each message. */
interface Cost {
  cpuUs: number;
  wallUs: number;
}

interface Round {
  together: Cost;
  limitTogether: Cost;
  oneByOne: Cost;
  limitOneByOne: Cost;
  /** Recording one by one, with nobody to send to. */
  recording: Cost;
}

async function measureRound({ server, shared, raw, limit, message }: Parties): Promise<Round> {
  const [ours, theirs] = [pidOf(server.process), pidOf(raw)];
  const together = { waits: 1, events: EVENTS_PER_ROUND };
  const singly = { waits: EVENTS_PER_ROUND, events: 1 };
  const broadcast = (times: number) => raw.send({ text: message, times });
  return {
    together: await measure(ours, { ...together, audience: shared, send: (count) => record(server, count) }),
    limitTogether: await measure(theirs, { ...together, audience: limit, send: broadcast }),
    oneByOne: await measure(ours, { ...singly, audience: shared, send: (count) => record(server, count) }),
    limitOneByOne: await measure(theirs, { ...singly, audience: limit, send: broadcast }),
    recording: await measure(ours, { ...singly, audience: null, send: (count) => record(server, count, QUIET_FLEET) }),
  };
}

/** Many sockets, and how many messages came in over all of them. */
class Audience {
  received = 0;
  #last = '';

  listen(socket: WebSocket): void {
    socket.on('message', (data: Buffer) => {
      this.received += 1;
      if (this.#last === '') this.#last = data.toString();
    });
  }

  /** The text of a message, when each socket has got one. */
  async learnMessage(send: () => Promise<void>): Promise<string> {
    this.received = 0;
    this.#last = '';
    await send();
    await until(() => this.received >= SUBSCRIBERS);
    return this.#last;
  }
}

interface Measured {
  /** How often events are sent and waited for, and how many at a time. */
  waits: number;
  events: number;
  audience: Audience | null;
  send: (events: number) => unknown;
}

async function measure(pid: number, { waits, events, audience, send }: Measured): Promise<Cost> {
  const cpuBeforeMs = cpuMs(pid);
  const start = performance.now();
  for (let wait = 0; wait < waits; wait += 1) {
    if (audience !== null) audience.received = 0;
    const sent = send(events);
    // The loop never sleeps, so that no sender pays for waking it.
    while (audience !== null && audience.received < events * SUBSCRIBERS) await nextTurn();
    await sent;
  }
  const wallMs = performance.now() - start;
  const messages = SUBSCRIBERS * waits * events;
  return { cpuUs: ((cpuMs(pid) - cpuBeforeMs) * 1_000) / messages, wallUs: (wallMs * 1_000) / messages };
}

async function subscribeAll(server: TestServer, dataDir: string): Promise<Audience> {
  const key = await loadInstallationKey(dataDir);
  const audience = new Audience();
  for (let index = 0; index < SUBSCRIBERS; index += 1) {
    const subject = `subscriber-${Math.floor(index / SUBSCRIBERS_PER_CREDENTIAL)}`;
    const token = await signToken(key, { roles: ['VIEWER'], fleets: '*', ttlMs: 3_600_000, subject }, systemClock);
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const acknowledged = once(socket, 'message');
    socket.send(
      JSON.stringify({
        type: 'connection_init',
        payload: { authorization: `Bearer ${token}`, 'x-fleet-id': 'default' },
      }),
    );
    await acknowledged;
    audience.listen(socket);
    socket.send(JSON.stringify({ id: `operation-${index}`, type: 'subscribe', payload: { query: DOCUMENT } }));
  }
  await until(async () => (await subscriptions(server)) === SUBSCRIBERS);
  return audience;
}

async function subscriptions(server: TestServer): Promise<number> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^midwatch_live_subscriptions (\d+)$/m.exec(metrics)?.[1]);
}

async function connectAll([{ port }]: [{ port: number }]): Promise<Audience> {
  const audience = new Audience();
  for (let index = 0; index < SUBSCRIBERS; index += 1) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(socket, 'open');
    audience.listen(socket);
  }
  return audience;
}

async function record(server: TestServer, count: number, fleet = 'default'): Promise<void> {
  const startedAt = new Date().toISOString();
  const decisions = Array.from({ length: count }, () => ({
    id: randomUUID(),
    agent: 'billing',
    model: 'gpt-4o-2024-11-20',
    startedAt,
    endedAt: startedAt,
    tokens: { input: 1_200, output: 180 },
    costUsd: 0.0048,
  }));
  const { errors } = await server.graphql(RECORD, { input: { decisions } }, { 'x-fleet-id': fleet });
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('the process did not start');
  return pid;
}

/** User and system time of a process. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function report(rounds: readonly Round[], messageBytes: number): void {
  const sorted = (values: number[]) => values.sort((a, b) => a - b);
  const median = (values: number[]) => sorted(values)[Math.floor(values.length / 2)] ?? Number.NaN;
  const us = (read: (round: Round) => number) => median(rounds.map(read)).toFixed(1);
  const ratio = (read: (round: Round) => number) => {
    const all = sorted(rounds.map(read));
    return `${median(all).toFixed(2)} [${all.at(0)?.toFixed(2)}-${all.at(-1)?.toFixed(2)}]`;
  };
  const line = (label: string, part: keyof Round) =>
    console.log(
      `  ${label.padEnd(24)} ${us((round) => round[part].cpuUs)} µs CPU, ${us((round) => round[part].wallUs)} µs wall`,
    );
  console.log(
    `fanout: ${SUBSCRIBERS} sockets, ${EVENTS_PER_ROUND} decisions a round, messages of ${messageBytes} bytes`,
  );
  line('together, raw', 'limitTogether');
  line('together', 'together');
  line('one by one, raw', 'limitOneByOne');
  line('one by one', 'oneByOne');
  line('recording one by one', 'recording');
  console.log(
    `  ratio, together          ${ratio(({ limitTogether, together }) => limitTogether.cpuUs / together.cpuUs)} of CPU (goal: at least ${RATIO_GOAL})`,
  );
  console.log(
    `  ratio, one by one        ${ratio(({ limitOneByOne, oneByOne, recording }) => limitOneByOne.cpuUs / (oneByOne.cpuUs - recording.cpuUs))} of CPU, recording taken off (goal: at least ${RATIO_GOAL})`,
  );
}
