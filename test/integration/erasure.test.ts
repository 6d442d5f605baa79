import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Recordable, RecordBatch } from '../../src/decision/record/record.js';
import { canonicalize } from '../../src/ledger/canonical.js';
import type { Entry } from '../../src/ledger/chain.js';
import { findCanary } from '../support/canary.js';
import { makeDecision, makeStep } from '../support/decision.js';
import { type Ask, type GraphQLFixture, startGraphQL } from '../support/graphql.js';
import { checkLedger } from '../support/ledger.js';

const CANARY = 'canary-7f3a';

let api: GraphQLFixture;
beforeEach(async () => {
  api = await startGraphQL();
});
afterEach(() => api.close());

type Known = Partial<Recordable['decision']>;
type Rest = Partial<RecordBatch & Pick<Recordable, 'mode' | 'sampled' | 'journalIds' | 'spanIds'>>;

/** Seals a decision that is full of content. */
function seal(known: Known, { mode = 'seal', sampled = true, journalIds = [], spanIds = [], ...batch }: Rest = {}) {
  const nowMs = Date.now();
  const text = `what ${CANARY} said`;
  const step = makeStep({ arguments: text, result: text, input: text, output: text, errorMessage: text });
  const decision = makeDecision({
    startedAtMs: nowMs - 2_000,
    endedAtMs: nowMs - 1_000,
    input: text,
    output: text,
    errorMessage: text,
    userId: `user-${CANARY}`,
    conversationId: 'c1',
    steps: [step],
    ...known,
  });
  const item: Recordable = { decision, spanIds, journalIds, mode, sampled, hasKin: true };
  const rest = { links: [], superseded: [], sightings: [], doneJournalIds: [], ...batch };
  return api.recorder.submit({ fleet: 'default', items: [item], ...rest });
}

const OUTCOME = `__typename
  ... on UserError { message code }`;
const ERASURE = 'erasure { id state decisions target reference requestedBy decidedBy }';
const ERASE = `mutation ($input: EraseContentInput!) { it: eraseContent(input: $input) {
  ${OUTCOME} ... on EraseContentSuccess { ${ERASURE} } } }`;
const APPROVE = `mutation ($input: ApproveErasureInput!) { it: approveErasure(input: $input) {
  ${OUTCOME} ... on ApproveErasureSuccess { ${ERASURE} } } }`;
const REJECT = `mutation ($input: RejectErasureInput!) { it: rejectErasure(input: $input) {
  ${OUTCOME} ... on RejectErasureSuccess { ${ERASURE} } } }`;
const HOLD = `mutation ($input: PlaceHoldInput!) { it: placeHold(input: $input) {
  ${OUTCOME} ... on PlaceHoldSuccess { hold { id scope target reference placedBy } } } }`;
const RELEASE = `mutation ($input: ReleaseHoldInput!) { it: releaseHold(input: $input) {
  ${OUTCOME} ... on ReleaseHoldSuccess { hold { id releasedBy releaseReason } } } }`;

async function run(mutation: string, input: object, ask: Ask = {}) {
  const { data, errors } = await api.ask(mutation, { input }, ask);
  expect(errors).toBeUndefined();
  return data.it;
}

/** Asked for by one person and approved of by another. */
async function erase(named: object) {
  const asked = await run(ERASE, { reason: 'art. 17', ...named }, { subject: 'ann' });
  expect(asked).toMatchObject({ __typename: 'EraseContentSuccess', erasure: { state: 'PENDING', decisions: 0 } });
  return run(APPROVE, { id: asked.erasure.id }, { subject: 'ben' });
}

const payloadOf = ({ canonical }: Entry) => JSON.parse(canonical).payload;

async function entriesOf(...kinds: string[]) {
  return (await checkLedger(api.pool, 'default')).filter(({ kind }) => kinds.includes(kind));
}

describe('eraseContent', () => {
  it.each([
    ['decisionId', 'd1'],
    ['conversationId', 'c1'],
    ['subject', `user-${CANARY}`],
  ])('by %s leaves no word of it in any table, and every hash holds', async (field, value) => {
    await seal({ id: 'd1' });
    await seal({
      id: 'other',
      conversationId: 'c2',
      userId: 'u2',
      input: 'keep',
      output: 'keep',
      errorMessage: null,
      steps: [],
    });
    const before = await checkLedger(api.pool, 'default');
    await api.pool.query('ANALYZE');
    expect(await findCanary(api.database.url, CANARY)).not.toEqual([]);

    expect(await erase({ [field]: value })).toMatchObject({
      erasure: { state: 'DONE', decisions: 1, decidedBy: 'ben' },
    });

    expect(await findCanary(api.database.url, CANARY)).toEqual([]);
    const after = await checkLedger(api.pool, 'default');
    expect(after.slice(0, before.length)).toEqual(before);
    const { data } = await api.ask(`{
      d1: decision(id: "d1") { erasedAt input output errorMessage steps { erased arguments result digest name } }
      other: decision(id: "other") { erasedAt input } }`);
    expect(data.d1).toMatchObject({
      erasedAt: expect.any(String),
      input: null,
      output: null,
      errorMessage: null,
      steps: [{ erased: true, arguments: null, result: null, name: 'execute_tool look_up' }],
    });
    expect(data.d1.steps[0].digest).toBe(payloadOf(before[0] as Entry).steps[0]);
    expect(data.other).toEqual({ erasedAt: null, input: 'keep' });
  });

  it('is not in the planner’s statistics, which a partition made later does not keep either', async () => {
    await api.pool.query("SELECT make_day_partitions((now() AT TIME ZONE 'UTC')::date + 20, 1)");
    for (let index = 0; index < 5; index += 1) await seal({ id: `d${index}` });
    await api.pool.query('ANALYZE');
    await erase({ conversationId: 'c1' });
    expect(await findCanary(api.database.url, CANARY)).toEqual([]);
    const { rows } = await api.pool.query(
      `SELECT count(*)::int AS samples FROM pg_attribute WHERE attrelid::regclass::text LIKE 'decision\\_%' AND attname = 'input'
         AND attstattarget IS DISTINCT FROM 0`,
    );
    expect(rows).toEqual([{ samples: 0 }]);
  });

  it('says in the ledger who asked, who approved, on what grounds and which entries it is about', async () => {
    await seal({ id: 'd0', conversationId: 'c9' });
    await seal({ id: 'd1' });
    await erase({ conversationId: 'c1', basis: 'CONSENT_WITHDRAWN' });
    const [requested, erased] = await entriesOf('ERASURE');
    expect(requested).toMatchObject({ subject: 'Erasure:1' });
    expect(payloadOf(requested as Entry)).toEqual({
      actor: 'ann',
      basis: 'CONSENT_WITHDRAWN',
      change: 'REQUESTED',
      reason: expect.stringMatching(/^[0-9a-f]{64}$/),
      scope: 'CONVERSATION',
      target: 'c1',
    });
    expect(payloadOf(erased as Entry)).toEqual({
      approvedBy: 'ben',
      basis: 'CONSENT_WITHDRAWN',
      change: 'ERASED',
      entries: [1],
      isLast: true,
      requestedBy: 'ann',
      scope: 'CONVERSATION',
      target: 'c1',
    });
  });

  it('commits to its reason, which can be shown later', async () => {
    await seal({ id: 'd1' });
    await erase({ decisionId: 'd1', reason: 'Ms Doe asked' });
    const [requested] = await entriesOf('ERASURE');
    const { rows } = await api.pool.query('SELECT reason, reason_salt FROM erasure');
    const opened = Buffer.concat([
      Buffer.from('midwatch/content/v1\u0000'),
      rows[0].reason_salt,
      Buffer.from(canonicalize({ reason: 'Ms Doe asked' })),
    ]);
    expect(payloadOf(requested as Entry).reason).toBe(hash('sha256', opened, 'hex'));
    expect(requested?.canonical).not.toContain('Doe');
  });

  it('calls a user by a pseudonym, and forgets whose it was', async () => {
    await seal({ id: 'd1' });
    const asked = await run(ERASE, { subject: `user-${CANARY}`, reason: 'art. 17' }, { subject: 'ann' });
    expect(asked.erasure.target).toBe(`user-${CANARY}`);
    expect(asked.erasure.reference).toMatch(/^subject-[0-9a-f]{16}$/);
    const done = await run(APPROVE, { id: asked.erasure.id }, { subject: 'ben' });
    expect(done.erasure).toMatchObject({ target: null, reference: asked.erasure.reference });
    const { data } = await api.ask('{ erasures { nodes { target reference } } }');
    expect(data.erasures.nodes).toEqual([{ target: null, reference: asked.erasure.reference }]);
  });

  it('takes two people: neither who asked nor an API key may approve', async () => {
    await seal({ id: 'd1' });
    const { erasure } = await run(ERASE, { decisionId: 'd1', reason: 'art. 17' }, { subject: 'ann' });
    for (const subject of ['ann', 'key:0a1b']) {
      expect(await run(APPROVE, { id: erasure.id }, { subject })).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect((await api.ask('{ decision(id: "d1") { input } }')).data.decision.input).toContain(CANARY);
    expect(await run(APPROVE, { id: erasure.id }, { subject: 'ben' })).toMatchObject({ erasure: { state: 'DONE' } });
    expect(await run(APPROVE, { id: erasure.id }, { subject: 'ben' })).toMatchObject({ code: 'CONFLICT' });
  });

  it('is over when it was rejected', async () => {
    await seal({ id: 'd1' });
    const { erasure } = await run(ERASE, { decisionId: 'd1', reason: 'art. 17' }, { subject: 'ann' });
    const rejected = await run(REJECT, { id: erasure.id, reason: 'wrong one' }, { subject: 'ann' });
    expect(rejected).toMatchObject({ erasure: { state: 'REJECTED', decidedBy: 'ann' } });
    expect(await run(APPROVE, { id: erasure.id }, { subject: 'ben' })).toMatchObject({ code: 'CONFLICT' });
    expect((await entriesOf('ERASURE')).map((entry) => payloadOf(entry).change)).toEqual(['REQUESTED', 'REJECTED']);
  });

  it('refuses what is not clear, not there, or not allowed', async () => {
    await seal({ id: 'd1' });
    const reason = 'art. 17';
    expect(await run(ERASE, { reason })).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await run(ERASE, { decisionId: 'd1', subject: 'u', reason })).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await run(ERASE, { decisionId: 'd1', reason: ' ' })).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await run(ERASE, { decisionId: 'nowhere', reason })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await run(APPROVE, { id: 'Erasure:99' }, { subject: 'ben' })).toMatchObject({ code: 'NOT_FOUND' });
    for (const role of ['OPERATOR', 'AUDITOR', 'VIEWER', 'INGEST'] as const) {
      expect(await run(ERASE, { decisionId: 'd1', reason }, { role })).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await entriesOf('ERASURE')).toEqual([]);
  });

  it('reaches a decision whose content was never kept, and says of the rest that it was erased', async () => {
    await seal({ id: 'd1' }, { sampled: false });
    expect(await erase({ conversationId: 'c1' })).toMatchObject({ erasure: { decisions: 1 } });
    expect((await api.ask('{ decision(id: "d1") { erasedAt sampled steps { name } } }')).data.decision).toEqual({
      erasedAt: expect.any(String),
      sampled: false,
      steps: [],
    });
  });

  it('empties the requests it came in, those under way as soon as they are done', async () => {
    const { rows } = await api.pool.query(
      `INSERT INTO journal (fleet_id, signal, encoding, is_gzip, body, body_hash, done_at)
       SELECT 'default', 'traces', 'json', false, convert_to($1 || n, 'UTF8'), decode(md5(n::text), 'hex'),
         CASE WHEN n = 1 THEN now() END
       FROM generate_series(1, 3) AS n RETURNING id`,
      [`{"c1": "${CANARY}"}`],
    );
    const [done, pending] = rows.map(({ id }) => Number(id)) as [number, number];
    await seal({ id: 'd1' }, { journalIds: [done, pending] });
    await erase({ decisionId: 'd1' });
    const bodies = () =>
      api.pool.query('SELECT length(body) > 0 AS "isFull", is_erased AS "isErased" FROM journal ORDER BY id');
    expect((await bodies()).rows).toEqual([
      { isFull: false, isErased: true },
      { isFull: true, isErased: true },
      { isFull: true, isErased: false },
    ]);
    await seal(
      { id: 'd2', conversationId: null, input: null, output: null, userId: null, steps: [] },
      { doneJournalIds: [pending] },
    );
    expect((await bodies()).rows[1]).toEqual({ isFull: false, isErased: true });
    await erase({ conversationId: 'c1' });
    expect((await bodies()).rows[2]).toEqual({ isFull: true, isErased: true });
  });
});

describe('what is erased stays erased', () => {
  it('when more becomes known of the decision', async () => {
    await seal({ id: 'd1' });
    await erase({ decisionId: 'd1' });
    await seal({ id: 'd1', toolCalls: 3 }, { mode: 'amend' });
    expect(await findCanary(api.database.url, CANARY)).toEqual([]);
    expect((await api.ask('{ decision(id: "d1") { toolCalls erasedAt input } }')).data.decision).toMatchObject({
      toolCalls: 3,
      erasedAt: expect.any(String),
      input: null,
    });
    const entries = await entriesOf('ERASURE');
    expect(payloadOf(entries.at(-1) as Entry)).toEqual({ change: 'ERASED_LATE', entries: [0] });
  });

  it('when another decision turns out to have it in it', async () => {
    await seal({ id: 'part', conversationId: null });
    await erase({ decisionId: 'part' });
    await seal({ id: 'whole', conversationId: null }, { superseded: [{ id: 'part', by: 'whole' }] });
    expect(await findCanary(api.database.url, CANARY)).toEqual([]);
  });

  it('when what was on its way is sealed after it, and what comes anew is kept', async () => {
    await erase({ conversationId: 'c1' });
    await erase({ subject: `user-${CANARY}` });
    await seal({ id: 'on-its-way', conversationId: 'c1', userId: null });
    await seal({ id: 'of-the-user', conversationId: 'c2' });
    expect(await findCanary(api.database.url, CANARY)).toEqual([]);
    const anew = { startedAtMs: Date.now() + 60_000, endedAtMs: Date.now() + 61_000 };
    await seal({ id: 'new', ...anew });
    expect((await api.ask('{ decision(id: "new") { erasedAt input } }')).data.decision).toEqual({
      erasedAt: null,
      input: expect.stringContaining(CANARY),
    });
  });

  it('when something is found out about it later', async () => {
    await seal({ id: 'd1' });
    await erase({ decisionId: 'd1' });
    const sighting = {
      kind: 'UNGROUNDED_ANSWER' as const,
      severity: 'WARNING' as const,
      score: 1,
      observed: null,
      expected: null,
      summary: 'made up',
      evidence: {},
      quotes: [CANARY],
      incident: 'd1 judge',
      agent: 'triage',
      decisionId: 'd1',
      customerSegment: null,
      metric: null,
      detectedAtMs: Date.now(),
    };
    await api.recorder.submit({
      fleet: 'default',
      items: [],
      links: [],
      superseded: [],
      sightings: [sighting],
      doneJournalIds: [],
    });
    expect(await findCanary(api.database.url, CANARY)).toEqual([]);
    expect((await api.ask('{ anomalies { nodes { summary } } }')).data.anomalies.nodes).toHaveLength(1);
  });

  it('whichever comes first, recording or erasing', async () => {
    for (let round = 0; round < 12; round += 1) {
      const { erasure } = await run(ERASE, { conversationId: 'c1', reason: 'race' }, { subject: 'ann' });
      const startedAtMs = Date.now() - 1_000;
      await Promise.all([
        ...[0, 1, 2].map((index) => seal({ id: `r${round}-${index}`, startedAtMs, userId: null })),
        run(APPROVE, { id: erasure.id }, { subject: 'ben' }),
        seal({ id: `r${round}-3`, startedAtMs, userId: null }).then(() =>
          seal({ id: `r${round}-3`, startedAtMs, userId: null, toolCalls: 1 }, { mode: 'amend' }),
        ),
      ]);
      expect(await findCanary(api.database.url, CANARY)).toEqual([]);
    }
    await checkLedger(api.pool, 'default');
  });
});

describe('a legal hold', () => {
  it.each([
    ['decisionId', 'd1'],
    ['conversationId', 'c1'],
    ['subject', `user-${CANARY}`],
    ['fleet', true],
  ])('on a %s keeps content from being erased in any way until it is released', async (field, value) => {
    await seal({ id: 'd1' });
    const { hold } = await run(HOLD, { [field]: value, reason: 'case 1/26' }, { subject: 'carol' });
    for (const named of [{ decisionId: 'd1' }, { conversationId: 'c1' }, { subject: `user-${CANARY}` }]) {
      const { erasure } = await run(ERASE, { ...named, reason: 'art. 17' }, { subject: 'ann' });
      const refused = await run(APPROVE, { id: erasure.id }, { subject: 'ben' });
      expect(refused).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(hold.id) });
    }
    expect((await api.ask('{ decision(id: "d1") { erasedAt input } }')).data.decision).toEqual({
      erasedAt: null,
      input: expect.stringContaining(CANARY),
    });
    expect(await run(RELEASE, { id: hold.id, reason: 'closed' }, { subject: 'dan' })).toMatchObject({
      hold: { releasedBy: 'dan', releaseReason: 'closed' },
    });
    expect(await run(RELEASE, { id: hold.id, reason: 'closed' })).toMatchObject({ code: 'CONFLICT' });
    expect(await erase({ subject: `user-${CANARY}` })).toMatchObject({ erasure: { state: 'DONE', decisions: 1 } });
    expect(await findCanary(api.database.url, CANARY)).toEqual([]);
    expect((await entriesOf('HOLD', 'RELEASE')).map(({ kind, subject }) => [kind, subject])).toEqual([
      ['HOLD', hold.id],
      ['RELEASE', hold.id],
    ]);
  });

  it('holds what comes after an erasure of the same', async () => {
    await erase({ conversationId: 'c1' });
    await run(HOLD, { conversationId: 'c1', reason: 'case 1/26' });
    await seal({ id: 'late' });
    expect((await api.ask('{ decision(id: "late") { erasedAt } }')).data.decision.erasedAt).toBeNull();
  });

  it('or the erasure comes first, and never half of each', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = `h${round}`;
      await seal({ id, conversationId: id, userId: null });
      const { erasure } = await run(ERASE, { conversationId: id, reason: 'race' }, { subject: 'ann' });
      const [held, erased] = await Promise.all([
        run(HOLD, { decisionId: id, reason: 'race' }),
        run(APPROVE, { id: erasure.id }, { subject: 'ben' }),
      ]);
      const { data } = await api.ask(`{ decision(id: "${id}") { erasedAt input } }`);
      const entries = (await entriesOf('HOLD', 'ERASURE')).slice(-2).map(({ kind }) => kind);
      if (erased.__typename === 'ApproveErasureSuccess') {
        expect(data.decision.input).toBeNull();
        expect(entries).toEqual(['ERASURE', 'HOLD']);
      } else {
        expect(erased).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(held.hold.id) });
        expect(data.decision.input).toContain(CANARY);
        expect(entries).toEqual(['ERASURE', 'HOLD']);
      }
    }
  });

  it('is placed with a reason by an ADMIN, and listed for auditors', async () => {
    expect(await run(HOLD, { fleet: true, decisionId: 'd1', reason: 'x' })).toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect(await run(HOLD, { reason: 'x' })).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await run(HOLD, { fleet: true, reason: 'x' }, { role: 'AUDITOR' })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await run(RELEASE, { id: 'LegalHold:9', reason: 'x' })).toMatchObject({ code: 'NOT_FOUND' });
    const first = await run(HOLD, { conversationId: 'c1', reason: 'one' });
    await run(HOLD, { fleet: true, reason: 'two' });
    await run(RELEASE, { id: first.hold.id, reason: 'over' });
    const list = '(first: 9) { nodes { scope reference reason } }';
    const { data } = await api.ask(
      `{ bound: legalHolds${list} all: legalHolds(released: true, first: 9) { nodes { scope } } }`,
      {},
      { role: 'AUDITOR' },
    );
    expect(data.bound.nodes).toEqual([{ scope: 'FLEET', reference: 'default', reason: 'two' }]);
    expect(data.all.nodes).toEqual([{ scope: 'FLEET' }, { scope: 'CONVERSATION' }]);
  });
});

describe('where one person is enough', () => {
  it('content is erased at once, and the ledger says that nobody else approved', async () => {
    const alone = await startGraphQL({ erasureApproval: 'ONE_PERSON' });
    try {
      const nowMs = Date.now();
      const decision = makeDecision({ id: 'd1', startedAtMs: nowMs - 2_000, endedAtMs: nowMs, input: CANARY });
      await alone.recorder.record('default', { decisions: [{ decision, sampled: true }], sightings: [] });
      const { data } = await alone.ask(ERASE, { input: { decisionId: 'd1', reason: 'art. 17' } });
      expect(data.it).toMatchObject({ erasure: { state: 'DONE', decisions: 1, decidedBy: null } });
      expect(await findCanary(alone.database.url, CANARY)).toEqual([]);
      const entries = await checkLedger(alone.pool, 'default');
      expect(payloadOf(entries.at(-1) as Entry)).toMatchObject({ approvedBy: null, requestedBy: 'a-admin' });
    } finally {
      await alone.close();
    }
  });
});
