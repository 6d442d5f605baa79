import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import pgCopy from 'pg-copy-streams';
import type { Pool } from '../src/db/pool.js';
import { createDatabase, startPostgres } from '../test/support/postgres.js';
import { startServer, type TestServer } from '../test/support/server.js';
import { until } from '../test/support/wait.js';
import { encodeRequest, SPANS_PER_DECISION } from './fleet-traffic.js';

const SPANS_PER_REQUEST = 512;
const DECISIONS_PER_REQUEST = SPANS_PER_REQUEST / SPANS_PER_DECISION;
const REQUESTS_PER_ROUND = 192;
const IN_FLIGHT = 4;
const ROUNDS = 5;
const RATIO_GOAL = 0.3;
const TABLES = ['decision', 'step', 'ledger_entry', 'journal'] as const;
const TICK_MS = 10;

/**
 * OTLP protobuf over HTTP, gzip, 512 spans a request, until journaled and sealed, against COPY of the rows that result,
 * encoded beforehand, into tables with the same indexes: spans a second, in alternating rounds.
 */
export async function run(): Promise<void> {
  const postgres = await startPostgres();
  const database = await createDatabase(postgres.url);
  const server = await startServer({ databaseUrl: database.url });
  try {
    await prepareCopies(database.url);
    await measureRound(server, database.pool);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measureRound(server, database.pool));
    report(rounds);
  } finally {
    await server.stop();
    await database.drop();
    await postgres.stop();
  }
}

interface Round {
  ingestSpansPerS: number;
  copySpansPerS: number;
  serverCpuUsPerSpan: number;
}

async function measureRound(server: TestServer, pool: Pool): Promise<Round> {
  const bodies = Array.from({ length: REQUESTS_PER_ROUND }, () => encodeRequest(DECISIONS_PER_REQUEST));
  const spans = REQUESTS_PER_ROUND * SPANS_PER_REQUEST;
  const before = await heights(pool);
  const cpuBeforeMs = cpuMs(server);
  const ingestMs = await timed(() => ingest(server, { pool, bodies, target: before.seq + spans / SPANS_PER_DECISION }));
  const serverCpuUsPerSpan = ((cpuMs(server) - cpuBeforeMs) * 1_000) / spans;
  const copyMs = await copyAgain(pool, before);
  return { ingestSpansPerS: spans / (ingestMs / 1_000), copySpansPerS: spans / (copyMs / 1_000), serverCpuUsPerSpan };
}

async function ingest(
  server: TestServer,
  { pool, bodies, target }: { pool: Pool; bodies: Buffer[]; target: number },
): Promise<void> {
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'gzip',
    authorization: `Bearer ${await server.token()}`,
  };
  const queue = [...bodies];
  const sender = async () => {
    for (let body = queue.pop(); body !== undefined; body = queue.pop()) {
      const response = await server.send(new Uint8Array(body), { headers });
      if (response.status !== 200) throw new Error(`answered ${response.status}: ${await response.text()}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
  await until(async () => (await heights(pool)).seq >= target);
}

interface Heights {
  seq: number;
  journalId: number;
}

async function heights(pool: Pool): Promise<Heights> {
  const { rows } = await pool.query(
    `SELECT (SELECT coalesce(max(seq), -1) FROM ledger_entry WHERE fleet_id = 'default') AS seq,
            (SELECT coalesce(max(id), 0) FROM journal) AS "journalId"`,
  );
  return rows[0];
}

/** The server's role owns nothing, so the copies are made by the login it stands for. */
async function prepareCopies(url: string): Promise<void> {
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  for (const table of TABLES) {
    await owner.query(`CREATE TABLE copy_${table} (LIKE ${table} INCLUDING ALL)`);
    await owner.query(`GRANT ALL ON copy_${table} TO midwatch_server`);
  }
  await owner.end();
}

/** Milliseconds that COPY takes for the rows that came since, in one transaction. */
async function copyAgain(pool: Pool, since: Heights): Promise<number> {
  const client = await pool.connect();
  const texts = new Map<string, Buffer>();
  for (const table of TABLES) {
    const copy = pgCopy.to(`COPY (SELECT * FROM ${table} WHERE ${newRows(table, since)}) TO STDOUT`);
    const chunks: Buffer[] = [];
    for await (const chunk of client.query(copy)) chunks.push(chunk);
    texts.set(table, Buffer.concat(chunks));
  }
  const copyMs = await timed(async () => {
    await client.query('BEGIN');
    for (const [table, body] of texts) {
      await pipeline(Readable.from([body]), client.query(pgCopy.from(`COPY copy_${table} FROM STDIN`)));
    }
    await client.query('COMMIT');
  });
  client.release();
  return copyMs;
}

function newRows(table: (typeof TABLES)[number], { seq, journalId }: Heights): string {
  if (table === 'journal') return `id > ${journalId}`;
  return table === 'step' ? `decision_id IN (SELECT id FROM decision WHERE seq > ${seq})` : `seq > ${seq}`;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** User and system time of the server's process. */
function cpuMs(server: TestServer): number {
  const fields = readFileSync(`/proc/${server.process.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function report(rounds: readonly Round[]): void {
  const ratios = rounds
    .map(({ ingestSpansPerS, copySpansPerS }) => ingestSpansPerS / copySpansPerS)
    .sort((a, b) => a - b);
  const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  console.log(
    `ingest: ${SPANS_PER_REQUEST} spans a request, gzip protobuf over HTTP, ${IN_FLIGHT} in flight, until sealed`,
  );
  console.log(`  until sealed   ${Math.round(median(rounds.map((round) => round.ingestSpansPerS)))} spans/s`);
  console.log(
    `  COPY alone     ${Math.round(median(rounds.map((round) => round.copySpansPerS)))} spans/s of the rows that result`,
  );
  console.log(`  server CPU     ${median(rounds.map((round) => round.serverCpuUsPerSpan)).toFixed(1)} µs per span`);
  console.log(
    `  ratio          ${median(ratios).toFixed(2)} [${ratios.at(0)?.toFixed(2)}-${ratios.at(-1)?.toFixed(2)}] (goal: at least ${RATIO_GOAL})`,
  );
}
