import { createHash, hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Decision, Step } from '../../src/decision/decision.js';
import { canonicalInput, canonicalOutput, canonicalStep, commitDecision } from '../../src/decision/record/payload.js';
import { BUNDLE_FORMAT, type BundleLine, type EndLine } from '../../src/ledger/bundle/line.js';
import { stepPath } from '../../src/ledger/bundle/long-chain.js';
import { writeBundle } from '../../src/ledger/bundle/write.js';
import { type CanonicalValue, canonicalize } from '../../src/ledger/canonical.js';
import { EMPTY_HEAD, type EntryDraft, extendChain, type Head } from '../../src/ledger/chain.js';
import { SALT_BYTES } from '../../src/ledger/commitment.js';
import { formatCheckpoint } from '../../src/ledger/note/checkpoint.js';
import { cosign } from '../../src/ledger/note/cosignature.js';
import type { FleetHead } from '../../src/ledger/note/fleet-list.js';
import { formatVerifierKey, type SignerKey, signerKey } from '../../src/ledger/note/key.js';
import { formatNote, signText } from '../../src/ledger/note/signed-note.js';
import { Frontier } from '../../src/ledger/tree/frontier.js';
import type { MemoryLedger } from './bundle.js';
import { makeDecision, makeStep } from './decision.js';
import { headOf, wordOf } from './installation.js';

/** Something that is to be in the ledger, and when. */
export type LedgerItem =
  | { atMs: number; decision: Decision; isDisclosed?: boolean; sampled?: boolean; kind?: 'DECISION' | 'AMENDMENT' }
  | { atMs: number; kind: string; subject: string; payload: CanonicalValue };

export interface ReportBundle {
  file: string;
  sha256: string;
  key: SignerKey;
  vkey: string;
}

export interface BundleOptions {
  fleet?: string;
  /** Entries at the end that no checkpoint covers. */
  unpublished?: number;
  hasWitness?: boolean;
  /** Other fleets of its installation; left out: the bundle has no word of it. */
  others?: readonly MemoryLedger[];
}

type Line = Exclude<BundleLine, EndLine>;

/** Writes a bundle of a ledger that has these items, from its first entry on. */
export async function writeReportBundle(
  file: string,
  items: readonly LedgerItem[],
  { fleet = 'prod', unpublished = 0, hasWitness = false, others }: BundleOptions = {},
): Promise<ReportBundle> {
  const origin = `midwatch/test/${fleet}`;
  const key = signerKey(origin, hash('sha256', `log ${origin}`, 'buffer'), 'note');
  const witness = signerKey('witness.example', hash('sha256', 'witness', 'buffer'), 'cosignature');
  const size = items.length;
  function* lines(): Generator<Line> {
    yield {
      type: 'manifest',
      format: BUNDLE_FORMAT,
      generator: 'midwatch test',
      origin,
      fleet,
      scope: 'range',
      from: 0,
      to: size,
      about: [],
      content: 'chosen',
    };
    yield { type: 'key', vkey: formatVerifierKey(key) };
    if (hasWitness) {
      const text = `log ${formatVerifierKey(key)}\nwitness w ${formatVerifierKey(witness)}\nquorum w\n`;
      yield { type: 'policy', text };
    }
    const frontier = Frontier.empty();
    let head: Head = EMPTY_HEAD;
    let covered: FleetHead | null = null;
    for (const [seq, item] of items.entries()) {
      const { draft, openings } = draftOf(item);
      const [entry] = extendChain(fleet, head, { drafts: [draft], recordedAt: new Date(item.atMs).toISOString() });
      if (entry === undefined) throw new Error('no entry was made');
      head = entry;
      frontier.append(Buffer.from(entry.hash, 'hex'));
      yield { type: 'entry', canonical: entry.canonical, hash: entry.hash };
      for (const opening of openings) yield { type: 'opening', seq, ...opening };
      if (seq + 1 !== size - unpublished) continue;
      const text = formatCheckpoint({ origin, size: BigInt(seq + 1), root: frontier.root(), extensions: [] });
      const atS = BigInt(Math.floor(item.atMs / 1_000) + 1);
      const signatures = [signText(text, key), ...(hasWitness ? [cosign(text, witness, atS)] : [])];
      yield { type: 'checkpoint', note: formatNote({ text, signatures }) };
      covered = { origin, size: BigInt(seq + 1), root: frontier.root() };
    }
    if (others === undefined || covered === null) return;
    yield wordOf([covered, ...others.map((other) => headOf(other))], { key, witnesses: hasWitness ? [witness] : [] });
  }
  const digest = createHash('sha256');
  const chunks = Readable.from(writeBundle(lines()));
  chunks.on('data', (chunk: string) => digest.update(chunk));
  await pipeline(chunks, createWriteStream(file));
  return { file, sha256: digest.digest('hex'), key, vkey: formatVerifierKey(key) };
}

function draftOf(item: LedgerItem): { draft: EntryDraft; openings: { path: string; salt: string; content: string }[] } {
  if (!('decision' in item)) {
    const { kind, subject, payload } = item;
    return { draft: { kind: kind as EntryDraft['kind'], subject, payload: canonicalize(payload) }, openings: [] };
  }
  const { decision, isDisclosed = false, sampled = true, kind = 'DECISION' } = item;
  const committed = commitDecision(decision, { spanIds: [], sampled });
  const draft: EntryDraft = { kind, subject: decision.id, payload: canonicalize(committed.payload) };
  if (!isDisclosed || !sampled) return { draft, openings: [] };
  const hex = (salt: Buffer) => salt.toString('hex');
  return {
    draft,
    openings: [
      ...(decision.input === null
        ? []
        : [
            {
              path: '/input',
              salt: hex(committed.salt.subarray(0, SALT_BYTES)),
              content: canonicalInput(decision.input),
            },
          ]),
      { path: '/output', salt: hex(committed.salt.subarray(SALT_BYTES)), content: canonicalOutput(decision) },
      ...decision.steps.map((step, index) => ({
        path: stepPath(committed.payload, index),
        salt: hex(committed.steps[index]?.salt ?? Buffer.alloc(0)),
        content: canonicalStep(step, index),
      })),
    ],
  };
}

const START_MS = Date.UTC(2026, 9, 1, 6);
const AGENTS = [
  'loan-officer',
  'fraud-triage',
  'kyc-check',
  'claims-reader',
  'dispute-desk',
  'collections',
  'onboarding',
];

/** A month of a fleet: decisions of seven agents, alerts, people, changes. The same in every run. */
export function monthOfItems(decisions: number): LedgerItem[] {
  const items: LedgerItem[] = [];
  const everyMs = Math.floor((30 * 86_400_000) / decisions);
  for (let index = 0; index < decisions; index += 1) {
    const startedAtMs = START_MS + index * everyMs;
    items.push({ atMs: startedAtMs + 4_000, decision: decisionOf(index, startedAtMs), sampled: index % 7 !== 3 });
    if (index % Math.ceil(decisions / 12) === 5) items.push(...incidentOf(index, startedAtMs + 4_000));
  }
  return items;
}

function decisionOf(index: number, startedAtMs: number): Decision {
  const agent = AGENTS[(index * index) % AGENTS.length] as string;
  const isFailed = index % 23 === 4;
  const isLate = startedAtMs > START_MS + 15 * 86_400_000;
  return makeDecision({
    id: `decision-${index}`,
    agent,
    agentVersion: isLate && agent === 'loan-officer' ? '4.2.0' : '4.1.3',
    fingerprint: isLate && agent === 'kyc-check' ? '9f0c2b7d1e55aa01' : '51d2a90c77be4e10',
    riskClass:
      agent === 'loan-officer' || agent === 'kyc-check' ? 'HIGH_RISK' : agent === 'onboarding' ? 'ADMIN' : 'ROUTINE',
    requestType: 'case',
    conversationId: `case-${Math.floor(index / 3)}`,
    provider: 'anthropic',
    model: index % 5 === 0 ? 'claude-haiku-4-5' : 'claude-sonnet-4-5',
    startedAtMs,
    endedAtMs: startedAtMs + 900 + ((index * 7_919) % 3_100),
    tokens: { input: 1_200 + (index % 700), output: 180 + (index % 90), cacheRead: 800, cacheWrite: 0, reasoning: 0 },
    costUsd: `0.0${100 + (index % 800)}`,
    outcome: isFailed ? 'ERROR' : 'SUCCESS',
    errorType: isFailed ? (index % 2 === 0 ? 'timeout' : 'tool_error') : null,
    groundingScore: index % 4 === 0 ? ((index * 37) % 100) / 130 : null,
    toolCalls: index % 4,
    failedToolCalls: isFailed ? 1 : 0,
    input: 'A customer asks for a decision.',
    output: 'It was decided.',
    steps: [makeStep({ startedAtMs })],
  });
}

function incidentOf(index: number, atMs: number): LedgerItem[] {
  const alert = {
    condition: 'error_rate > 0.05',
    decisionIds: [`decision-${index}`],
    labels: { agent: 'loan-officer' },
    rule: 'errors',
  };
  const change = (name: string, afterMs: number, actor: string | null): LedgerItem => ({
    atMs: atMs + afterMs,
    kind: 'ALERT',
    subject: `Alert:${index}`,
    payload: {
      ...alert,
      actor,
      at: new Date(atMs + afterMs).toISOString(),
      change: name,
      comment: name === 'ACKNOWLEDGED' ? 'Looking at the credit bureau’s API' : null,
      severity: index % 2 === 0 ? 'CRITICAL' : 'WARNING',
      summary: 'Errors of loan-officer are above 5 %',
      threshold: '0.05',
      value: '0.083',
    },
  });
  return [
    change('FIRING', 10, null),
    change('ACKNOWLEDGED', 200, 'maria@example.com'),
    change('RESOLVED', 400, null),
    {
      atMs: atMs + 500,
      kind: 'RULE',
      subject: 'errors',
      payload: {
        actor: 'jo@example.com',
        change: 'SAVED',
        fields: { condition: 'error_rate > 0.08', severity: 'warning' },
      },
    },
  ];
}

/** A decision with every kind of step, and what hostile telemetry puts into them. */
export function dossierItem(atMs = START_MS + 86_400_000): LedgerItem {
  const step = (kind: Step['kind'], known: Partial<Step>) => makeStep({ kind, startedAtMs: atMs - 3_000, ...known });
  return {
    atMs,
    isDisclosed: true,
    decision: makeDecision({
      id: 'loan-2026-000417',
      agent: 'loan-officer',
      agentVersion: '4.1.3',
      fingerprint: '51d2a90c77be4e10',
      riskClass: 'HIGH_RISK',
      requestType: 'credit-decision',
      conversationId: 'case-of-ms-k',
      userId: 'user-8812',
      provider: 'anthropic',
      model: 'claude-sonnet-4-5',
      startedAtMs: atMs - 4_200,
      endedAtMs: atMs - 300,
      costUsd: '0.01834',
      toolCalls: 2,
      failedToolCalls: 1,
      input: 'Ms K. asks for a loan of 12,000 EUR over 48 months. Net income 2,950 EUR, rent 1,100 EUR.',
      output: 'Referred to a person: the income could be confirmed, the bureau’s score could not.',
      steps: [
        step('MODEL_CALL', {
          name: 'chat claude-sonnet-4-5',
          model: 'claude-sonnet-4-5',
          tokens: { input: 1_812, output: 211, cacheRead: 1_024, cacheWrite: 0, reasoning: 90 },
          costUsd: '0.0094',
          durationMs: 1_410,
          input: 'System: decide by the credit policy 2026-07.\nUser: Ms K. asks for a loan of 12,000 EUR.',
          output: 'I need the bureau’s score and the payroll record before I can decide.',
        }),
        step('TOOL_CALL', {
          toolName: 'payroll.lookup',
          arguments: '{"customer":"K-8812","months":6}',
          result: '{"net_average":2950,"confirmed":true}',
          durationMs: 220,
        }),
        step('TOOL_CALL', {
          toolName: 'bureau.score',
          arguments: '{"customer":"K-8812"}',
          outcome: 'ERROR',
          errorMessage: 'timeout after 2000 ms',
          durationMs: 2_000,
        }),
        step('GUARDRAIL', {
          name: 'no decision without a score',
          toolName: null,
          output: 'refer to a person',
          durationMs: 3,
        }),
        step('HUMAN_REVIEW', {
          name: 'credit desk',
          toolName: null,
          output: 'Taken over by the desk on the same day.',
          durationMs: 40,
        }),
      ],
    }),
  };
}
