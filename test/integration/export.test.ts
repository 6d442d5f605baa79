import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { DecisionCalendar } from '../../src/decision/calendar.js';
import { exportBundle } from '../../src/export/export-bundle.js';
import { planExport } from '../../src/export/plan.js';
import { check } from '../support/bundle.js';
import { audit, exportText, pinKey } from '../support/export.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL } from '../support/graphql.js';

let api: GraphQLFixture;
beforeEach(async () => {
  api = await startGraphQL({ fleets: ['other'] });
});
afterEach(() => api.close());

const step = (index: number) => ({
  kind: 'TOOL_CALL',
  name: `look up ${index}`,
  startedAt: '2026-11-22T08:00:00.250Z',
  durationMs: 12.5 * index,
  toolName: 'search',
  arguments: `{"q":"Grüße \u{1f600} ${index}"}`,
  result: 'a line\nand another\u001b',
  tokens: { input: 3, output: 4, cacheRead: 1 },
});

const withContent = (id: string, rest: object = {}) =>
  decisionInput(id, {
    input: `what of ${id}?`,
    output: 'this',
    costUsd: 0.0102,
    conversationId: 'c-1',
    steps: [step(0), step(1)],
    ...rest,
  });

async function seal(count: number) {
  await record(
    api,
    Array.from({ length: count }, (_, at) => withContent(`d-${at}`)),
  );
  await api.publisher.publish('default');
}

describe('a bundle', () => {
  it('has every entry with its content, and is intact', async () => {
    await seal(7);
    await record(api, [decisionInput('bare')]);
    await api.publisher.publish('default');
    expect(await audit(api.pool, await pinKey(api.pool))).toMatchObject({
      outcome: 'intact',
      fault: null,
      entries: { checked: 8, firstSeq: 0, lastSeq: 7, leftOut: 0 },
      // Input, output and two steps each; the last has an output alone.
      openings: { digests: 29, opened: 29 },
      published: { size: '8', unpublished: 0 },
    });
  });

  it('of a range is intact, wherever it lies', async () => {
    await seal(5);
    await record(api, [withContent('late')]);
    await api.publisher.publish('default');
    const trust = await pinKey(api.pool);
    for (const [from, to] of [
      [0, 3],
      [2, 5],
      [5, 6],
      [3, 4],
    ] as const) {
      const verdict = await audit(api.pool, trust, { scope: { kind: 'range', from, to } });
      expect(verdict).toMatchObject({
        outcome: 'intact',
        entries: { firstSeq: from, lastSeq: to - 1 },
        published: { size: '6' },
      });
    }
  });

  it('goes beyond what is published when it is told to, and says so', async () => {
    await seal(3);
    await record(api, [withContent('new')]);
    const trust = await pinKey(api.pool);
    expect(await audit(api.pool, trust)).toMatchObject({ outcome: 'intact', entries: { checked: 3 } });
    const scope = { kind: 'range', from: 0, to: 4 } as const;
    expect(await audit(api.pool, trust, { scope })).toMatchObject({
      outcome: 'incomplete',
      reasons: ['1 entry is not covered by a checkpoint'],
      published: { size: '3', unpublished: 1 },
    });
  });

  it('of one decision or one conversation has their entries alone', async () => {
    await record(api, [withContent('a'), withContent('b', { conversationId: 'c-2' }), withContent('c')]);
    await api.publisher.publish('default');
    const trust = await pinKey(api.pool);
    const one = await exportText(api.pool, { scope: { kind: 'decisions', ids: ['b'] } });
    expect(await check(one, trust)).toMatchObject({
      outcome: 'intact',
      entries: { checked: 1, firstSeq: 1 },
      openings: { opened: 4 },
    });
    expect(one).not.toContain('what of a?');
    const conversation = await audit(api.pool, trust, { scope: { kind: 'conversation', id: 'c-1' } });
    expect(conversation).toMatchObject({
      outcome: 'intact',
      entries: { checked: 2, firstSeq: 0, lastSeq: 2, leftOut: 1 },
    });
    expect(conversation.manifest?.about).toEqual(['conversation c-1']);
  });

  it('withholds content from those who may not see it', async () => {
    await seal(2);
    const text = await exportText(api.pool, { content: 'withheld' });
    expect(text).not.toContain('what of d-0?');
    expect(await check(text, await pinKey(api.pool))).toMatchObject({
      outcome: 'intact',
      openings: { digests: 8, opened: 0 },
    });
  });

  it('shows every step of a decision with too many for digests of their own, and that one of them was changed', async () => {
    const steps = Array.from({ length: 1_000 }, (_, index) => step(index));
    await record(api, [withContent('long', { steps }), withContent('short')]);
    await api.publisher.publish('default');
    const trust = await pinKey(api.pool);
    expect(await audit(api.pool, trust)).toMatchObject({
      outcome: 'intact',
      openings: { digests: 1_006, opened: 1_006 },
    });
    expect(await audit(api.pool, trust, { content: 'withheld' })).toMatchObject({
      outcome: 'intact',
      openings: { digests: 1_006, opened: 0 },
    });
    const { rows } = await api.pool.query<{ bytes: number }>(
      'SELECT max(octet_length(canonical)) AS bytes FROM ledger_entry',
    );
    expect(rows[0]?.bytes).toBeLessThan(65_536);
    await api.pool.query(`UPDATE step SET result = 'nothing' WHERE decision_id = 'long' AND index = 500`);
    expect(await audit(api.pool, trust)).toMatchObject({
      outcome: 'tampered',
      fault: { seq: 0, problem: 'the content of its steps is not what its chain commits to' },
    });
    await api.pool.query(`DELETE FROM step WHERE decision_id = 'long' AND index >= 500`);
    expect(await audit(api.pool, trust)).toMatchObject({
      outcome: 'tampered',
      fault: { seq: 0, problem: 'of the 1000 steps of its chain, 500 are opened: all or none' },
    });
  });

  it('has nothing of another fleet', async () => {
    await seal(2);
    await record(api, [withContent('elsewhere')], { fleet: 'other' });
    await api.publisher.publish('other');
    expect(await exportText(api.pool)).not.toContain('elsewhere');
    expect(await audit(api.pool, await pinKey(api.pool, 'other'), { fleet: 'other' })).toMatchObject({
      outcome: 'intact',
      entries: { checked: 1 },
    });
    expect(await audit(api.pool, await pinKey(api.pool, 'other'))).toMatchObject({ outcome: 'incomplete' });
  });

  it('is the same bytes for the same plan, whatever was sealed meanwhile', async () => {
    await seal(4);
    const calendar = new DecisionCalendar({ pool: api.pool, clock: systemClock });
    const scope = { kind: 'range', from: 0, to: null } as const;
    const plan = await planExport(
      { pool: api.pool, calendar },
      { fleet: 'default', scope, content: 'disclosed', extent: null },
    );
    const write = async () => {
      let text = '';
      for await (const chunk of exportBundle({
        pool: api.pool,
        plan,
        generator: 'g',
        policy: null,
        progressed: () => undefined,
      }))
        text += chunk;
      return text;
    };
    const before = await write();
    await record(api, [withContent('later')]);
    await api.publisher.publish('default');
    expect(await write()).toBe(before);
  });

  it('comes a page at a time', async () => {
    for (let batch = 0; batch < 3; batch += 1) {
      await record(
        api,
        Array.from({ length: 500 }, (_, at) => decisionInput(`p-${batch}-${at}`)),
      );
    }
    await api.publisher.publish('default');
    expect(await audit(api.pool, await pinKey(api.pool))).toMatchObject({
      outcome: 'intact',
      entries: { checked: 1_500 },
    });
    const scope = {
      kind: 'decisions',
      ids: Array.from({ length: 1_400 }, (_, at) => `p-${Math.floor(at / 500)}-${at % 500}`),
    } as const;
    expect(await audit(api.pool, await pinKey(api.pool), { scope })).toMatchObject({
      outcome: 'intact',
      entries: { checked: 1_400 },
    });
  });

  it.each([
    ['a range that is not there', { kind: 'range', from: 9, to: 12 }, 'VALIDATION_FAILED'],
    ['a range that ends before it begins', { kind: 'range', from: 2, to: 1 }, 'VALIDATION_FAILED'],
    ['a decision that is not there', { kind: 'decisions', ids: ['nobody'] }, 'NOT_FOUND'],
    ['a conversation that is not there', { kind: 'conversation', id: 'none' }, 'NOT_FOUND'],
  ] as const)('is refused for %s', async (_what, scope, code) => {
    await seal(3);
    await expect(exportText(api.pool, { scope })).rejects.toMatchObject({ code });
  });

  it('waits until something is published', async () => {
    await record(api, [withContent('a')]);
    await expect(exportText(api.pool)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('a bundle of one fleet among several', () => {
  const FIRST = { kind: 'range', from: 0, to: 3 } as const;
  /** As a server publishes, with the log of the installation. */
  const publishAll = () => api.publisher.round();
  let nowMs: number;
  beforeEach(async () => {
    nowMs = Date.now();
    await api.close();
    api = await startGraphQL({ fleets: ['other'], clock: { now: () => nowMs } });
  });

  it('has the word of the installation on all fleets, and on what is behind its end', async () => {
    await record(api, [withContent('elsewhere')], { fleet: 'other' });
    await seal(5);
    await publishAll();
    const trust = await pinKey(api.pool);
    const fleets = [
      { fleet: 'default', size: '5' },
      { fleet: 'other', size: '1' },
    ];
    expect(await audit(api.pool, trust)).toMatchObject({
      outcome: 'intact',
      installation: { doubt: null, size: '3', beyond: '0', fleets },
    });
    expect(await audit(api.pool, trust, { scope: FIRST })).toMatchObject({
      outcome: 'intact',
      installation: { doubt: null, beyond: '2', fleets },
    });
    const scope = { kind: 'decisions', ids: ['d-1'] } as const;
    expect(await audit(api.pool, trust, { scope })).toMatchObject({ outcome: 'intact', installation: { fleets } });
  });

  it('is the same bytes as long as the ledger lives, whatever became of all fleets', async () => {
    await seal(4);
    await publishAll();
    const ask = { scope: FIRST, extent: 4 };
    const before = await exportText(api.pool, ask);
    expect(before).toContain('"type":"installation"');
    for (let day = 0; day < 3; day += 1) {
      nowMs += 86_400_000;
      await record(api, [withContent(`later-${day}`)]);
      await record(api, [withContent(`elsewhere-${day}`)], { fleet: 'other' });
      await publishAll();
    }
    expect(await exportText(api.pool, ask)).toBe(before);
  });

  it('has none while the log of the installation does not have its checkpoint, and is intact all the same', async () => {
    await seal(4);
    const trust = await pinKey(api.pool);
    expect(await audit(api.pool, trust)).toMatchObject({ outcome: 'intact', installation: null });
    await publishAll();
    await record(api, [withContent('later')]);
    await publishAll();
    expect(await audit(api.pool, trust)).toMatchObject({ outcome: 'intact', installation: null });
    expect(await audit(api.pool, trust, { extent: 4 })).toMatchObject({ installation: { size: '3' } });
  });

  it('of an empty range, or of nothing that is published, has none', async () => {
    await seal(4);
    await publishAll();
    await record(api, [withContent('later')]);
    for (const [from, to] of [
      [2, 2],
      [4, 5],
    ] as const) {
      const verdict = await audit(api.pool, await pinKey(api.pool), { scope: { kind: 'range', from, to } });
      expect(verdict).toMatchObject({ outcome: 'incomplete', fault: null, installation: null });
    }
  });
});
