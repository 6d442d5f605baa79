import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findAnomalyPlace, readAnomaliesAfter } from '../../src/anomaly/after.js';
import type { Sighting } from '../../src/anomaly/anomaly.js';
import type { AnomalyFilter } from '../../src/anomaly/filter.js';
import { sealingBatch } from '../../src/decision/record/record.js';
import { keepContradiction } from '../../src/ledger/contradiction.js';
import { streamAnomalies } from '../../src/live/anomaly-stream.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';
import { makeSighting } from '../support/watcher.js';

let api: GraphQLFixture;
beforeEach(async () => {
  api = await startGraphQL({ fleets: ['other'] });
});
afterEach(() => api.close());

async function see(...sightings: Partial<Sighting>[]): Promise<void> {
  await seeIn('default', ...sightings);
}

async function seeIn(fleet: string, ...sightings: Partial<Sighting>[]): Promise<void> {
  const batch = sealingBatch(fleet, { decisions: [], sightings: sightings.map(makeSighting) });
  await api.recorder.submit(batch);
}

const LIST = `query ($filter: AnomalyFilter, $first: Int, $after: String, $last: Int, $before: String) {
  anomalies(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    nodes { id kind severity summary agent { name } decision { id } customerSegment metric observed expected score detectedAt evidence }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

async function list(variables: Record<string, unknown> = {}, ask = {}) {
  const { data, errors } = await api.ask(LIST, variables, ask);
  expect(errors).toBeUndefined();
  return data.anomalies;
}

const incidents = async (filter: AnomalyFilter, afterSeq = 0) => {
  const { rows } = await readAnomaliesAfter({ pool: api.pool, fleet: 'default', filter }, { afterSeq, limit: 100 });
  return rows.map(({ incident, severity }) => `${incident} ${severity}`);
};

describe('an anomaly', () => {
  it('is what a detector saw, with its agent and decision', async () => {
    await record(api, [decisionInput('seen', { agent: 'refunds' })]);
    await see({ agent: 'refunds', decisionId: 'seen', customerSegment: 'retail', metric: 'COST' });
    expect((await list()).nodes).toEqual([
      {
        id: 'Anomaly:1',
        kind: 'LOOP',
        severity: 'WARNING',
        summary: 'a tool was called again and again',
        agent: { name: 'refunds' },
        decision: { id: 'seen' },
        customerSegment: 'retail',
        metric: 'COST',
        observed: 6,
        expected: 1,
        score: 0.9,
        detectedAt: '2026-11-22T08:00:00.000Z',
        evidence: { tool: 'search' },
      },
    ]);
    const { data } = await api.ask('{ node(id: "Anomaly:1") { id } decision(id: "seen") { anomalies { id kind } } }');
    expect(data).toEqual({ node: { id: 'Anomaly:1' }, decision: { anomalies: [{ id: 'Anomaly:1', kind: 'LOOP' }] } });
  });

  it('names the decisions it was found by, its own first, those that are sealed', async () => {
    await record(
      api,
      ['one', 'two', 'three'].map((id) => decisionInput(id, { agent: 'refunds' })),
    );
    await see(
      { agent: 'refunds', decisionId: 'three', evidence: { decisions: ['one', 'three', 'never sealed', 'two'] } },
      { incident: 'of figures', evidence: { decisions: 3 } },
    );
    const { data } = await api.ask('{ anomalies { nodes { decisions { id } } } }');
    expect(data.anomalies.nodes).toEqual([
      { decisions: [] },
      { decisions: [{ id: 'three' }, { id: 'one' }, { id: 'two' }] },
    ]);
  });

  it('is recorded though its figures came to nothing', async () => {
    await see({ score: Number.NaN, observed: Number.POSITIVE_INFINITY, expected: Number.NaN });
    expect((await list()).nodes).toMatchObject([{ score: 1, observed: null, expected: null }]);
  });

  it('is sealed when it is critical and when it becomes so, once, without what it quotes', async () => {
    await see({ incident: 'a' }, { incident: 'b', severity: 'CRITICAL', quotes: ['a secret'], decisionId: null });
    await see({ incident: 'a' }, { incident: 'b', severity: 'CRITICAL', decisionId: 'later' });
    await see({ incident: 'a', severity: 'CRITICAL', observed: 9.5 });
    await see({ incident: 'a', severity: 'CRITICAL' }, { incident: 'a', severity: 'WARNING' });
    const entries = await checkLedger(api.pool, 'default');
    const told = entries.map(({ kind, subject, canonical }) => ({ kind, subject, ...JSON.parse(canonical).payload }));
    expect(told).toMatchObject([
      { kind: 'INCIDENT', subject: 'Anomaly:2', change: 'FOUND', severity: 'CRITICAL', foundAs: null, score: '0.9' },
      {
        kind: 'INCIDENT',
        subject: 'Anomaly:1',
        change: 'RAISED',
        foundAs: 'WARNING',
        observed: '9.5',
        anomaly: 'LOOP',
      },
    ]);
    expect(JSON.stringify(told)).not.toContain('secret');
  });

  it('is recorded with its entry or not at all, but for a fault of the ledger, which is told without one', async () => {
    await keepContradiction(api.pool, {
      fleet: 'default',
      witness: 'w.example',
      kind: 'AHEAD',
      witnessSize: 9,
      ownSize: 0,
      evidence: null,
      at: new Date(),
    });
    await expect(see({ severity: 'CRITICAL' })).rejects.toMatchObject({ code: 'LEDGER_INTEGRITY' });
    await see({ severity: 'CRITICAL', kind: 'LEDGER_FAULT' });
    expect((await list()).nodes).toMatchObject([{ kind: 'LEDGER_FAULT' }]);
    expect(await checkLedger(api.pool, 'default')).toEqual([]);
  });

  it('is said once, however often the incident is seen, and in its own fleet alone', async () => {
    await see({ incident: 'a' }, { incident: 'a' }, { incident: 'b' });
    await see({ incident: 'a' }, { incident: 'a', kind: 'TOKEN_BURN' });
    await seeIn('other', { incident: 'a' });
    expect(await incidents({})).toEqual(['a WARNING', 'b WARNING', 'a WARNING']);
    expect((await list({}, { fleet: 'other' })).nodes).toHaveLength(1);
  });

  it('becomes more severe and never milder', async () => {
    await see({ severity: 'WARNING', summary: 'three times' });
    await see({ severity: 'CRITICAL', summary: 'six times' });
    await see({ severity: 'INFO', summary: 'once' });
    expect((await list()).nodes).toMatchObject([{ id: 'Anomaly:1', severity: 'CRITICAL', summary: 'six times' }]);
  });

  it('learns whose it is when its decision is sealed', async () => {
    await see({ agent: null, decisionId: null });
    await record(api, [decisionInput('seen', { agent: 'refunds' })]);
    await see({ agent: 'refunds', decisionId: 'seen' });
    expect((await list()).nodes).toMatchObject([{ agent: { name: 'refunds' }, decision: { id: 'seen' } }]);
  });

  it('goes with a decision that turned out to be part of another', async () => {
    await record(api, [decisionInput('part'), decisionInput('whole')]);
    await see({ decisionId: 'part' });
    const superseding = sealingBatch('default', { decisions: [], sightings: [] });
    await api.recorder.submit({ ...superseding, superseded: [{ id: 'part', by: 'whole' }] });
    expect((await list()).nodes).toMatchObject([{ decision: { id: 'whole' } }]);
  });

  it('holds what detectors cut in the middle of a character, and NUL', async () => {
    await see({ summary: 'half \ud83d', evidence: { tool: 'a\0b' }, incident: '\0' });
    expect((await list()).nodes).toMatchObject([{ summary: 'half \ufffd', evidence: { tool: 'a\ufffdb' } }]);
  });

  it('shows quotations of content to those who may read content', async () => {
    await see({ quotes: ['4,711 euros'] });
    expect((await list({}, { role: 'OPERATOR' })).nodes[0].evidence).toEqual({
      tool: 'search',
      quotes: ['4,711 euros'],
    });
    expect((await list({}, { role: 'VIEWER' })).nodes[0].evidence).toEqual({ tool: 'search' });
    const { errors } = await api.ask(LIST, {}, { role: 'INGEST' });
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('the list of anomalies', () => {
  it('is filtered by everything it can be filtered by', async () => {
    await record(api, [decisionInput('seen', { agent: 'refunds' })]);
    await see(
      { incident: '1', agent: 'refunds', decisionId: 'seen' },
      { incident: '2', kind: 'TOKEN_BURN', severity: 'CRITICAL', customerSegment: 'retail' },
      { incident: '3', metric: 'COST', detectedAtMs: Date.parse('2026-11-23T08:00:00.000Z') },
    );
    const ids = async (filter: object) => (await list({ filter })).nodes.map(({ id }: { id: string }) => id);
    expect(await ids({})).toEqual(['Anomaly:3', 'Anomaly:2', 'Anomaly:1']);
    expect(await ids({ agents: ['refunds'] })).toEqual(['Anomaly:1']);
    expect(await ids({ decisionId: 'seen' })).toEqual(['Anomaly:1']);
    expect(await ids({ kinds: ['TOKEN_BURN'] })).toEqual(['Anomaly:2']);
    expect(await ids({ severities: ['CRITICAL'] })).toEqual(['Anomaly:2']);
    expect(await ids({ customerSegments: ['retail', 'other'] })).toEqual(['Anomaly:2']);
    expect(await ids({ metrics: ['COST'] })).toEqual(['Anomaly:3']);
    expect(await ids({ from: '2026-11-23T00:00:00Z' })).toEqual(['Anomaly:3']);
    expect(await ids({ to: '2026-11-23T00:00:00Z' })).toEqual(['Anomaly:2', 'Anomaly:1']);
    const { errors } = await api.ask(LIST, { filter: { agents: ['a\0'] } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('is paged in both directions', async () => {
    await see(...Array.from({ length: 5 }, (_, index) => ({ incident: String(index) })));
    const seen: string[] = [];
    for (let after = null; ; ) {
      const { nodes, pageInfo } = await list({ first: 2, after });
      seen.push(...nodes.map(({ id }: { id: string }) => id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(seen).toEqual([5, 4, 3, 2, 1].map((number) => `Anomaly:${number}`));
    const last = await list({ last: 2 });
    expect(last.nodes.map(({ id }: { id: string }) => id)).toEqual(['Anomaly:2', 'Anomaly:1']);
    expect((await list({ last: 2, before: last.pageInfo.startCursor })).nodes).toMatchObject([
      { id: 'Anomaly:4' },
      { id: 'Anomaly:3' },
    ]);
  });
});

describe('the stream of anomalies', () => {
  it('tells of each once: when it first passes the filter', async () => {
    await see({ incident: 'grows', severity: 'WARNING' }, { incident: 'bad', severity: 'CRITICAL' });
    await see({ incident: 'grows', severity: 'CRITICAL' }, { incident: 'late', severity: 'CRITICAL' });
    expect(await incidents({})).toEqual(['grows CRITICAL', 'bad CRITICAL', 'late CRITICAL']);
    expect(await incidents({ severities: ['CRITICAL'] })).toEqual(['bad CRITICAL', 'grows CRITICAL', 'late CRITICAL']);
    // It was a warning when it was told.
    expect(await incidents({ severities: ['WARNING'] })).toEqual(['grows CRITICAL']);
    expect(await incidents({ severities: ['WARNING', 'CRITICAL'] })).toHaveLength(3);
  });

  it('goes on after the anomaly that was seen last', async () => {
    await see({ incident: 'grows', severity: 'WARNING' }, { incident: 'bad', severity: 'CRITICAL' });
    await see({ incident: 'grows', severity: 'CRITICAL' }, { incident: 'late', severity: 'CRITICAL' });
    const placeOf = (firstSeq: number, filter: AnomalyFilter) =>
      findAnomalyPlace(api.pool, { fleet: 'default', filter }, firstSeq);
    const goOn = async (firstSeq: number, filter: AnomalyFilter) =>
      incidents(filter, (await placeOf(firstSeq, filter)) ?? Number.NaN);
    expect(await goOn(1, {})).toEqual(['bad CRITICAL', 'late CRITICAL']);
    expect(await goOn(1, { severities: ['CRITICAL'] })).toEqual(['late CRITICAL']);
    expect(await goOn(2, { severities: ['CRITICAL'] })).toEqual(['grows CRITICAL', 'late CRITICAL']);
    expect(await placeOf(99, {})).toBeNull();
  });

  it('gives what is found while it is followed, in order', async () => {
    const { signal } = new AbortController();
    const stream = streamAnomalies({
      pool: api.pool,
      bus: api.anomalyBus,
      fleet: 'default',
      filter: {},
      afterSeq: 0,
      signal,
    });
    const take = async (count: number) => {
      const seen: string[] = [];
      while (seen.length < count) seen.push((await stream.next()).value?.incident ?? 'ended');
      return seen;
    };
    const taking = take(300);
    const all = Array.from({ length: 300 }, (_, index) => String(index));
    for (let start = 0; start < 300; start += 100) {
      await see(...all.slice(start, start + 100).map((incident) => ({ incident })));
    }
    expect(await taking).toEqual(all);
    await stream.return();
  });
});
