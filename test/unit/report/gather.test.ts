import { describe, expect, it } from 'vitest';
import { Calendar } from '../../../src/report/document/wording.js';
import { AmendmentFinder, type Facts, Gatherer } from '../../../src/report/facts/gather.js';
import type { LedgerFact, Payload } from '../../../src/report/facts/payload.js';
import type { ReportScope } from '../../../src/report/facts/scope.js';

const DAY = Date.UTC(2026, 10, 2);
const PERIOD: ReportScope = {
  fromMs: DAY,
  toMs: DAY + 86_400_000,
  agents: null,
  riskClasses: null,
  conversationId: null,
  decisionIds: null,
};

function decision(seq: number, known: Payload = {}, kind = 'DECISION'): LedgerFact {
  const payload = {
    agent: 'triage',
    complete: true,
    conversationId: 'c1',
    costUsd: '0.000001',
    latencyMs: '1200',
    outcome: 'SUCCESS',
    riskClass: 'ROUTINE',
    sampled: true,
    startedAt: new Date(DAY + seq * 1_000).toISOString(),
    tokens: { input: 10, output: 5 },
    toolCalls: 2,
    failedToolCalls: 1,
    ...known,
  };
  return {
    fleet: 'prod',
    seq,
    kind,
    subject: `d${seq}`,
    recordedAt: new Date(DAY + seq * 1_000 + 500).toISOString(),
    payload,
  };
}

function gather(facts: readonly LedgerFact[], scope: Partial<ReportScope> = {}): Facts {
  const finder = new AmendmentFinder();
  for (const fact of facts) finder.take(fact);
  const gatherer = new Gatherer({
    scope: { ...PERIOD, ...scope },
    calendar: new Calendar('UTC'),
    dossierIds: [],
    amendments: finder.amendments,
    onDecision: () => undefined,
  });
  for (const fact of facts) gatherer.take(fact, '', []);
  return gatherer.facts();
}

describe('the figures of a report', () => {
  it('add up exactly', () => {
    const { figures } = gather([
      decision(0),
      decision(1, { outcome: 'ERROR', errorType: 'timeout', costUsd: null }),
      decision(2),
    ]);
    expect(figures.total).toMatchObject({
      decisions: 3,
      failed: 1,
      costUsd: '0.000002',
      unpriced: 1,
      toolCalls: 6,
      failedToolCalls: 3,
    });
    expect(figures.errors).toEqual({ timeout: 1 });
    expect(figures.byDay).toEqual([{ day: '2026-11-02', decisions: 3, failed: 1 }]);
  });

  it('count a decision once, as it is known last', () => {
    const amended = { ...decision(2, { outcome: 'ERROR' }, 'AMENDMENT'), subject: 'd0' };
    const gone = { ...decision(3, {}, 'AMENDMENT'), subject: 'd1', payload: { supersededBy: 'd0' } };
    const { figures } = gather([decision(0), decision(1), amended, gone]);
    expect(figures.total).toMatchObject({ decisions: 1, failed: 1 });
    expect(figures).toMatchObject({ amended: 1 });
  });

  it('are of the decisions that started in the period, of the agents and classes asked for', () => {
    const late = decision(1, { startedAt: new Date(DAY + 86_400_000).toISOString() });
    const other = decision(2, { agent: 'kyc', riskClass: 'HIGH_RISK' });
    expect(gather([decision(0), late, other]).figures.total.decisions).toBe(2);
    expect(gather([decision(0), late, other], { agents: ['kyc'] }).figures.total.decisions).toBe(1);
    expect(gather([decision(0), late, other], { riskClasses: ['ADMIN'] }).figures.total.decisions).toBe(0);
  });

  it('tell how soon people acted, and which alerts nobody answered', () => {
    const alert = (seq: number, subject: string, change: string): LedgerFact => ({
      ...decision(seq),
      kind: 'ALERT',
      subject,
      payload: { change, severity: 'CRITICAL', at: new Date(DAY + seq * 60_000).toISOString(), actor: null },
    });
    const { oversight } = gather([
      alert(0, 'Alert:1', 'FIRING'),
      alert(1, 'Alert:2', 'FIRING'),
      alert(5, 'Alert:1', 'ACKNOWLEDGED'),
    ]).figures;
    expect(oversight).toMatchObject({ fired: 2, acknowledged: 1, unacknowledged: 1, acknowledgedAfterMaxMs: '300000' });
  });

  it('survive payloads that are nothing like ours', () => {
    const odd: Payload[] = [
      {},
      { startedAt: 7, agent: [], tokens: 'x' },
      { startedAt: 'never' },
      { outcome: { toString: 1 } },
    ];
    const facts = odd.map((payload, seq) => ({ ...decision(seq), payload }));
    expect(gather(facts).figures.total.decisions).toBe(0);
  });

  it('tell who read content, how often and of what, and of access, incidents and agents where they belong', () => {
    const event = (seq: number, kind: string, payload: Payload): LedgerFact => ({ ...decision(seq), kind, payload });
    const read = (seq: number, actor: string, contents: string, ...decisionIds: string[]) =>
      event(seq, 'READ', { actor, contents, decisionIds });
    const facts = gather([
      read(0, 'grace', 'DECISION', 'd1'),
      read(1, 'ada', 'DECISION', 'd1', 'd2'),
      read(2, 'ada', 'STEPS', 'd1'),
      event(3, 'ACCESS', { actor: 'cli', change: 'REVOKED', name: 'collector' }),
      event(4, 'INCIDENT', { change: 'FOUND', summary: 'errors rose' }),
      event(5, 'AGENT', { change: 'CHANGED', version: '2' }),
    ]);
    expect(facts.readers).toEqual([
      {
        actor: 'ada',
        readings: 2,
        decisions: 3,
        contents: ['DECISION', 'STEPS'],
        firstMs: DAY + 1_500,
        lastMs: DAY + 2_500,
      },
      { actor: 'grace', readings: 1, decisions: 1, contents: ['DECISION'], firstMs: DAY + 500, lastMs: DAY + 500 },
    ]);
    expect(facts.eventCounts).toMatchObject({ reading: 3, access: 1, risk: 1, change: 1 });
    expect(facts.events.risk[0]?.summary).toBe('FOUND · errors rose');
    const ofCase = gather([decision(6), read(7, 'ada', 'DECISION', 'd6'), read(8, 'ada', 'DECISION', 'other')], {
      decisionIds: ['d6'],
    });
    expect(ofCase.readers).toMatchObject([{ actor: 'ada', readings: 1 }]);
    const part = (seq: number, number: number, id: string) => {
      const fact = read(seq, 'ada', 'DECISION', id);
      return { ...fact, recordedAt: '2026-11-02T10:00:00.000Z', payload: { ...fact.payload, part: number } };
    };
    const first = { ...read(9, 'ada', 'DECISION', 'd1'), recordedAt: '2026-11-02T10:00:00.000Z' };
    expect(gather([first, part(10, 2, 'd2'), part(11, 3, 'd3')]).readers).toMatchObject([
      { readings: 1, decisions: 3 },
    ]);
    expect(gather([part(10, 2, 'd2'), part(11, 3, 'd3')]).readers).toMatchObject([{ readings: 1, decisions: 2 }]);
  });

  it('tell a kind that nobody knows as a change', () => {
    const fact = { ...decision(0), kind: 'NEW_KIND', payload: { actor: 'jo', change: 'MADE', detail: { size: 3 } } };
    expect(gather([fact]).events.change).toEqual([
      expect.objectContaining({ kind: 'NEW_KIND', actor: 'jo', summary: 'MADE · detail size 3' }),
    ]);
  });
});
