import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import type { Head } from '../../src/cosign/client.js';
import { type CosignedLogs, Cosigner, type KeptCosignature } from '../../src/cosign/cosigner.js';
import type { WitnessPolicy } from '../../src/cosign/witness-policy.js';
import type { Contradiction } from '../../src/ledger/contradiction.js';
import { type SignerKey, signerKey } from '../../src/ledger/note/key.js';
import { formatSignature } from '../../src/ledger/note/signed-note.js';
import { openCheckpoint } from '../../src/ledger/note/trust.js';
import { createLog } from '../../src/log.js';
import { type RunningWitness, startWitness } from '../../src/witness/start.js';
import { freePort } from '../support/port.js';
import { TestLog } from '../support/test-log.js';
import { until } from '../support/wait.js';

const silent = createLog('silent');

/** Logs in memory, as the server keeps its own. */
class MemoryLogs implements CosignedLogs {
  readonly logs = new Map<string, TestLog>();
  readonly kept: KeptCosignature[] = [];
  readonly contradictions: Contradiction[] = [];

  constructor(...logs: TestLog[]) {
    for (const log of logs) this.logs.set(log.origin, log);
  }

  async readHead(origin: string): Promise<Head | null> {
    const log = this.logs.get(origin);
    if (log === undefined) return null;
    const { size } = log;
    const prove = (from: bigint) => log.proof(Number(from), size);
    const rootAt = async (at: bigint) => log.root(Number(at));
    return { origin, size: BigInt(size), note: log.checkpoint(size), keys: [log.key], rootAt, prove };
  }

  publishHead(origin: string): Promise<Head | null> {
    return this.readHead(origin);
  }

  async readSizes(origin: string): Promise<Map<string, bigint>> {
    const own = this.kept.filter((each) => each.fleet === origin);
    return new Map(own.map(({ witness, size }) => [witness, size]));
  }

  async keep(cosigned: KeptCosignature): Promise<void> {
    this.kept.push(cosigned);
  }

  async contradict(contradiction: Contradiction): Promise<void> {
    this.contradictions.push(contradiction);
  }

  /** The newest head with all cosignatures it has. */
  note(log: TestLog): string {
    const own = this.kept.filter(({ fleet, size }) => fleet === log.origin && size === BigInt(log.size));
    return log.checkpoint() + own.map(({ cosignature }) => formatSignature(cosignature.cosignature)).join('');
  }
}

let dir: string;
let log: TestLog;
let logs: MemoryLogs;
let witnesses: RunningWitness[];
let servers: Server[];
let cosigners: Cosigner[];
let observed: string[];

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'midwatch-cosigner-'));
  log = new TestLog().append(10);
  logs = new MemoryLogs(log);
  [witnesses, servers, cosigners, observed] = [[], [], [], []];
});
afterEach(async () => {
  for (const cosigner of cosigners) await cosigner.stop();
  for (const witness of witnesses) await witness.close();
  for (const server of servers) server.close();
  rmSync(dir, { recursive: true });
});

interface Place {
  name: string;
  port?: number;
  known?: TestLog[];
}

async function witness({ name, port = 0, known = [log] }: Place): Promise<RunningWitness> {
  const keys = known.map(({ key }) => key);
  const dataDir = path.join(dir, name);
  const running = await startWitness({
    dataDir,
    host: '127.0.0.1',
    port,
    name: `witness.example/${name}`,
    trusted: { logs: keys, installations: [] },
    log: silent,
  });
  witnesses.push(running);
  return running;
}

/** Something that answers in a witness's place. */
async function impostor(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function policyOf(
  asked: Record<string, { url: string; key: WitnessPolicy['witnesses'][number]['key'] }>,
  threshold: number,
): WitnessPolicy {
  const all = Object.entries(asked).map(([name, { url, key }]) => ({ name, url, key }));
  return { witnesses: all, quorum: { threshold, members: all.map(({ name }) => ({ witness: name })) }, text: null };
}

function cosigner(policy: WitnessPolicy, over: CosignedLogs = logs): Cosigner {
  const observe = (name: string, kind: string) => observed.push(`${name} ${kind}`);
  const made = new Cosigner({ policy, logs: over, observe, clock: systemClock, log: silent });
  cosigners.push(made);
  return made;
}

/** Whom a stranger with the policy and the log's key believes; the reason when he does not. */
function judge(policy: WitnessPolicy): string[] | string {
  const opened = openCheckpoint(logs.note(log), { ...policy, logs: [log.key] });
  return 'fault' in opened ? opened.fault : [...opened.cosignedAtS.keys()];
}

const KEY: SignerKey = signerKey('witness.example/impostor', Buffer.alloc(32, 3), 'cosignature');
const WAIT_MS = 20_000;

describe('asking witnesses for cosignatures', () => {
  it('has every witness cosign the newest head, and a stranger believe it', async () => {
    const policy = policyOf({ a: await witness({ name: 'a' }), b: await witness({ name: 'b' }) }, 2);
    const asking = cosigner(policy);
    await asking.start([log.origin], WAIT_MS);
    expect(judge(policy)).toEqual(['a', 'b']);
    log.append(7);
    expect(judge(policy)).toMatch(/no quorum/);
    asking.ask(log.origin);
    await until(() => logs.kept.length === 4);
    expect(judge(policy)).toEqual(['a', 'b']);
    expect(asking.unwitnessed).toEqual([]);
    expect(logs.contradictions).toEqual([]);
  });

  it('is content with k of n, and goes on asking those that are down', async () => {
    const port = await freePort();
    const late = await witness({ name: 'late', port });
    await late.close();
    witnesses.pop();
    const policy = policyOf({ a: await witness({ name: 'a' }), b: await witness({ name: 'b' }), late }, 2);
    const asking = cosigner(policy);
    await asking.start([log.origin], WAIT_MS);
    expect(judge(policy)).toEqual(['a', 'b']);
    expect(asking.unwitnessed).toEqual([]);
    expect(asking.silent).toEqual(['late']);
    await witness({ name: 'late', port });
    await until(() => asking.silent.length === 0, WAIT_MS);
    expect(judge(policy)).toEqual(['a', 'b', 'late']);
  });

  it('knows when there is no quorum', async () => {
    const down = { url: `http://127.0.0.1:${await freePort()}`, key: KEY };
    const policy = policyOf({ a: await witness({ name: 'a' }), down }, 2);
    const asking = cosigner(policy);
    await asking.start([log.origin], WAIT_MS);
    expect(judge(policy)).toMatch(/no quorum/);
    expect(asking.unwitnessed).toEqual([log.origin]);
    expect(asking.silent).toEqual(['down']);
  });

  it('catches a witness up that knows less than it believes, and one that knows more', async () => {
    const a = await witness({ name: 'a' });
    const policy = policyOf({ a }, 1);
    await cosigner(policy).start([log.origin], WAIT_MS);
    // What was kept of the cosignatures is lost: the witness has a size nobody here knows of.
    logs.kept.length = 0;
    log.append(9);
    await cosigner(policy).start([log.origin], WAIT_MS);
    expect(judge(policy)).toEqual(['a']);
    // And the witness is a new one, which knows nothing of what is kept.
    await a.close();
    witnesses.pop();
    rmSync(path.join(dir, 'a', 'heads'), { recursive: true });
    const again = policyOf({ a: await witness({ name: 'a' }) }, 1);
    log.append(4);
    await cosigner(again).start([log.origin], WAIT_MS);
    expect(judge(again)).toEqual(['a']);
  });

  it('finds that an old backup was restored, with our own signature as evidence', async () => {
    const policy = policyOf({ a: await witness({ name: 'a' }) }, 1);
    await cosigner(policy).start([log.origin], WAIT_MS);
    const later = log.checkpoint();
    const restored = new MemoryLogs(log.forkAt(6));
    restored.kept.push(...logs.kept.map((each) => ({ ...each, size: 6n })));
    const asking = cosigner(policy, restored);
    await asking.start([log.origin], WAIT_MS);
    expect(restored.contradictions).toMatchObject([
      { fleet: log.origin, witness: 'a', kind: 'AHEAD', witnessSize: 10, ownSize: 6 },
    ]);
    expect(restored.contradictions[0]?.evidence?.startsWith(later)).toBe(true);
    expect(asking.silent).toEqual([]);
  });

  it('finds that a restored log was continued otherwise', async () => {
    const policy = policyOf({ a: await witness({ name: 'a' }) }, 1);
    await cosigner(policy).start([log.origin], WAIT_MS);
    for (const more of [4, 9]) {
      const forked = new MemoryLogs(log.forkAt(6).append(more, 'otherwise'));
      await cosigner(policy, forked).start([log.origin], WAIT_MS);
      expect(forked.contradictions).toMatchObject([
        { witness: 'a', kind: 'INCONSISTENT', witnessSize: 10, evidence: expect.stringContaining('\n10\n') },
      ]);
      expect(forked.kept).toEqual([]);
    }
  });

  it('serves many logs, and loses none of their heads', async () => {
    const many = Array.from({ length: 30 }, () => new TestLog().append(3));
    const policy = policyOf({ a: await witness({ name: 'a', known: many }) }, 1);
    const each = new MemoryLogs(...many);
    const asking = cosigner(policy, each);
    await asking.start(
      many.map(({ origin }) => origin),
      WAIT_MS,
    );
    expect(new Set(each.kept.map(({ fleet }) => fleet)).size).toBe(30);
    for (const one of many) {
      one.append(2);
      asking.ask(one.origin);
    }
    await until(() => each.kept.filter(({ size }) => size === 5n).length === 30);
  });

  it.each<[string, RequestListener, string]>([
    ['answers without a cosignature', (_, response) => response.end(''), 'refused'],
    ['signs with another key', (_, response) => response.end(`— ${KEY.name} AAAAAAAA\n`), 'refused'],
    [
      'claims the key and signs nothing',
      (_, response) =>
        response.end(
          `— ${KEY.name} ${Buffer.concat([Buffer.from(KEY.id, 'hex'), Buffer.alloc(72)]).toString('base64')}\n`,
        ),
      'refused',
    ],
    ['answers a page', (_, response) => response.setHeader('content-type', 'text/html').end('<html>'), 'refused'],
    ['redirects', (_, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(), 'refused'],
    ['does not know the log', (_, response) => response.writeHead(404).end('no'), 'refused'],
    [
      'conflicts without a size',
      (_, response) => response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('lots\n'),
      'refused',
    ],
    [
      'conflicts with a size of the wrong type',
      (_, response) => response.writeHead(409, { 'content-type': 'text/plain' }).end('3\n'),
      'refused',
    ],
    [
      'conflicts with the size it was told',
      (_, response) => response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('0\n'),
      'refused',
    ],
    ['is inconsistent with nothing', (_, response) => response.writeHead(422).end(), 'refused'],
    ['fails', (_, response) => response.writeHead(503, { 'retry-after': '1' }).end(), 'failed'],
    [
      'never ends its answer',
      (_, response) => {
        response.writeHead(200);
        const pour = setInterval(() => response.write('x'.repeat(32_768)), 5);
        response.on('close', () => clearInterval(pour));
      },
      'refused',
    ],
    ['hangs up', (request) => request.socket.destroy(), 'failed'],
  ])('believes nothing of a witness that %s', async (_, answer, outcome) => {
    const url = await impostor(answer);
    const policy = policyOf({ impostor: { url, key: KEY } }, 1);
    const asking = cosigner(policy);
    await asking.start([log.origin], WAIT_MS);
    expect(observed).toEqual([`impostor ${outcome}`]);
    expect([logs.kept, logs.contradictions]).toEqual([[], []]);
    expect(asking.unwitnessed).toEqual([log.origin]);
  });

  it('takes the word of a witness that says it has seen more, and says that nothing proves it', async () => {
    const url = await impostor((request, response) => {
      if (request.method === 'GET') response.end(new TestLog(log.origin).append(99).checkpoint());
      else response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('99\n');
    });
    await cosigner(policyOf({ impostor: { url, key: KEY } }, 1)).start([log.origin], WAIT_MS);
    expect(logs.contradictions).toMatchObject([{ kind: 'AHEAD', witnessSize: 99, evidence: null }]);
  });

  it('does not take for evidence what agrees with the log', async () => {
    const url = await impostor((request, response) => {
      if (request.method === 'GET') response.end(log.checkpoint(4));
      else response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('99\n');
    });
    await cosigner(policyOf({ impostor: { url, key: KEY } }, 1)).start([log.origin], WAIT_MS);
    expect(logs.contradictions).toMatchObject([{ kind: 'AHEAD', witnessSize: 99, evidence: null }]);
  });

  it('does not wait for a witness that is silent longer than it was told to', async () => {
    const url = await impostor(() => undefined);
    const asking = cosigner(policyOf({ impostor: { url, key: KEY } }, 1));
    await asking.start([log.origin], 200);
    expect(asking.silent).toEqual(['impostor']);
    await asking.stop();
    expect(observed).toEqual([]);
  });
});
