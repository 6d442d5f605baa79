import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DecisionFilter } from '../../src/decision/filter.js';
import { sealingBatch } from '../../src/decision/record/record.js';
import { streamDecisions } from '../../src/live/decision-stream.js';
import { readHeights } from '../../src/live/store.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL, viewerOf } from '../support/graphql.js';

let api: GraphQLFixture;
beforeEach(async () => {
  api = await startGraphQL();
});
afterEach(() => api.close());

function stream(filter: DecisionFilter = {}, afterSeq = -1, signal = new AbortController().signal) {
  return streamDecisions({ pool: api.pool, bus: api.bus, fleet: 'default', filter, afterSeq, signal });
}

async function take(rows: AsyncIterator<{ id: string }>, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const { value, done } = await rows.next();
    if (done) break;
    ids.push(value.id);
  }
  return ids;
}

const many = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) =>
    decisionInput(`${prefix}-${index}`, { agent: index % 3 === 0 ? 'rare' : 'common' }),
  );

describe('the stream of decisions', () => {
  it('gives what was sealed before, over several pages, and then what comes, each once and in order', async () => {
    await record(api, many('old', 450));
    const rows = stream();
    const taking = take(rows, 460);
    await record(api, many('new', 10));
    const expected = [...many('old', 450), ...many('new', 10)].map(({ id }) => id);
    expect(await taking).toEqual(expected);
    await rows.return();
  });

  it('filters, and skips nothing that passes', async () => {
    const rows = stream({ agents: ['rare'] });
    const taking = take(rows, 8);
    for (let batch = 0; batch < 6; batch += 1) await record(api, many(`b${batch}`, 4));
    expect(await taking).toEqual(['b0-0', 'b0-3', 'b1-0', 'b1-3', 'b2-0', 'b2-3', 'b3-0', 'b3-3']);
    await rows.return();
  });

  it('loses nothing that is sealed while it reads', async () => {
    let hasRead = false;
    const query = async (...args: [string, unknown[]]) => {
      const result = await api.pool.query(...args);
      // Sealed after the read has its rows and before the stream has them.
      if (!hasRead) {
        hasRead = true;
        await record(api, [decisionInput('meanwhile')]);
      }
      return result;
    };
    const signal = new AbortController().signal;
    const pool = { query } as unknown as typeof api.pool;
    const rows = streamDecisions({ pool, bus: api.bus, fleet: 'default', filter: {}, afterSeq: -1, signal });
    expect(await take(rows, 1)).toEqual(['meanwhile']);
    await rows.return();
  });

  it('ends while it waits, by return and by abort', async () => {
    const returned = stream();
    const waiting = returned.next();
    await returned.return();
    expect(await waiting).toMatchObject({ done: true });
    const controller = new AbortController();
    const aborted = stream({}, -1, controller.signal).next();
    controller.abort();
    expect(await aborted).toMatchObject({ done: true });
  });

  it('reads nothing ahead of a reader that stops', async () => {
    const rows = stream();
    await record(api, many('x', 5));
    await take(rows, 1);
    const seen = await api.statements(async () => {
      await record(api, [decisionInput('later')]);
    });
    expect(seen.filter((statement) => statement.includes('d.seq >'))).toEqual([]);
    await rows.return();
  });
});

describe('decisionRecorded', () => {
  async function subscribe(args: string, role: 'VIEWER' | 'INGEST' = 'VIEWER') {
    const controller = new AbortController();
    const response = await api.yoga.fetch(
      'http://midwatch/graphql',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query: `subscription { decisionRecorded${args} { id agent { name } input } }` }),
        signal: controller.signal,
      },
      { viewer: viewerOf(role), fleet: 'default' },
    );
    return { events: readEvents(response), stop: () => controller.abort() };
  }

  // biome-ignore lint/suspicious/noExplicitAny: events are read freely in tests
  async function* readEvents(response: Response): AsyncGenerator<any> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = block.split('\n').find((line) => line.startsWith('data: {'));
        if (data !== undefined) yield JSON.parse(data.slice('data: '.length));
      }
    }
  }

  it('sends what is sealed from now on over SSE, with content refused to whom it is', async () => {
    await record(api, [decisionInput('before')]);
    const { events, stop } = await subscribe('');
    await record(api, [decisionInput('first', { input: 'secret' })]);
    const { value } = await events.next();
    expect(value).toMatchObject({
      data: { decisionRecorded: { id: 'first', agent: { name: 'triage' }, input: null } },
      errors: [{ path: ['decisionRecorded', 'input'], extensions: { code: 'FORBIDDEN' } }],
    });
    stop();
  });

  it('sends what came since the last one seen first', async () => {
    await record(api, [decisionInput('a'), decisionInput('b'), decisionInput('c')]);
    const { events, stop } = await subscribe('(after: "a")');
    await record(api, [decisionInput('d')]);
    const ids: string[] = [];
    while (ids.length < 3) ids.push((await events.next()).value.data.decisionRecorded.id);
    expect(ids).toEqual(['b', 'c', 'd']);
    stop();
  });

  it('begins where a read was told to resume, although that found nothing', async () => {
    const { data } = await api.ask('{ resumeFrom { decisionRecorded } decisions(first: 1) { nodes { id } } }');
    expect(data.decisions.nodes).toEqual([]);
    await record(api, [decisionInput('between')]);
    const { events, stop } = await subscribe(`(after: "${data.resumeFrom.decisionRecorded}")`);
    expect((await events.next()).value.data.decisionRecorded.id).toBe('between');
    stop();
  });

  it('resumes after what was recorded before the process began', async () => {
    await record(api, [decisionInput('a'), decisionInput('b')]);
    const [height] = await readHeights(api.pool);
    expect(height).toEqual({ fleet: 'default', decisions: api.bus.reached('default'), anomalies: 0, alerts: 0 });
    const { data } = await api.ask('{ resumeFrom { decisionRecorded } }');
    await record(api, [decisionInput('c')]);
    const { events, stop } = await subscribe(`(after: "${data.resumeFrom.decisionRecorded}")`);
    expect((await events.next()).value.data.decisionRecorded.id).toBe('c');
    stop();
  });

  it('begins after a decision that was seen and has become part of another since', async () => {
    await record(api, [decisionInput('seen'), decisionInput('whole')]);
    await api.recorder.submit({
      ...sealingBatch('default', { decisions: [], sightings: [] }),
      superseded: [{ id: 'seen', by: 'whole' }],
    });
    const { events, stop } = await subscribe('(after: "seen")');
    const { value } = await events.next();
    expect(value.data.decisionRecorded.id).toBe('whole');
    stop();
  });

  it.each([
    ['(after: "nobody")', 'VIEWER', 'NOT_FOUND'],
    ['(after: "Place:-1")', 'VIEWER', 'NOT_FOUND'],
    ['', 'INGEST', 'FORBIDDEN'],
    ['(filter: { text: "x" })', 'VIEWER', 'FORBIDDEN'],
  ] as const)('refuses %s for %s with %s', async (args, role, code) => {
    const { events } = await subscribe(args, role);
    const { value } = await events.next();
    expect(value.errors[0].extensions.code).toBe(code);
  });
});
