import { ENTRY_KINDS } from '../../ledger/chain.js';
import type { Block, Section } from './block.js';
import { eachLedger, type LedgerData, paragraph, type ReportData, section } from './data.js';
import { counted, grouped, percent } from './wording.js';

/** What each kind of entry is, and what has it sealed. */
const KINDS: Readonly<Record<string, { what: string; trigger: string }>> = {
  DECISION: {
    what: 'one decision of an agent, with commitments to its input, its output and its steps',
    trigger: 'the decision is complete, or its time to settle is over',
  },
  AMENDMENT: { what: 'what became known of a decision after it was sealed', trigger: 'late telemetry' },
  REPRICE: { what: 'decisions priced again, before and after', trigger: 'somebody asks for it' },
  AGENT: {
    what: 'an agent that worked with another version, model, prompt or tools than ever before; digests of these, not texts',
    trigger: 'its first decision with them',
  },
  ALERT: {
    what: 'an alert that fired, resolved, was acknowledged or commented on',
    trigger: 'a rule’s condition, or a person',
  },
  RULE: { what: 'an alert rule that was made, changed or removed', trigger: 'a person' },
  SILENCE: { what: 'notifications that were muted, with the reason', trigger: 'a person' },
  SETTINGS: { what: 'the settings read anew, with the file’s digest', trigger: 'a person' },
  ERASURE: { what: 'content that was erased, on what grounds, by whom and approved by whom', trigger: 'a request' },
  HOLD: { what: 'a legal hold that forbids erasure', trigger: 'a person' },
  RELEASE: { what: 'the end of a legal hold', trigger: 'a person' },
  PRUNE: { what: 'what retention removed', trigger: 'its time' },
  LEDGER_KEY: { what: 'the key that signs checkpoints, rotated or revoked', trigger: 'a person' },
  ACCESS: {
    what: 'a fleet or API key that was made, a key that was revoked, a token that was issued, a sign-in link that was used, what an identity provider lets somebody do',
    trigger: 'a person; a token of the identity provider that gives other roles or fleets than were sealed last',
  },
  READ: {
    what: 'content that somebody was given or searched in: who, of which decisions, and of what kind; whoever uses an API key by its id',
    trigger: 'the reading, before it is answered; again after a minute',
  },
  EXPORT: { what: 'a report or bundle that was made, with its SHA-256', trigger: 'its completion' },
  INCIDENT: { what: 'an anomaly that was found to be critical, or became so', trigger: 'a detector’s finding' },
};

/** What is recorded, by what it is triggered, and what is not. */
export function loggingSection(data: ReportData): Section {
  return section(
    data,
    {
      id: 'logging',
      title: 'Logging capability',
      serves:
        'AI Act Art. 12(1)–(2): events are recorded automatically over the lifetime, so that risk, substantial modification and operation can be followed. Art. 13(3)(f): how to read the logs. ISO/IEC DIS 24970, prEN 18229-1 (drafts).',
    },
    [
      paragraph(
        'Entries are sealed by the recorder in the transaction that stores what they are about: there is no decision without its entry and no entry without its decision. Nobody has to switch anything on for a decision to be recorded, and nothing in the recorder’s interface can leave one out.',
      ),
      ...eachLedger(data, kindBlocks),
      { kind: 'heading', text: 'How an entry is read' },
      {
        kind: 'facts',
        rows: [
          { label: 'seq', value: 'its place in the chain, from 0 without gaps' },
          { label: 'kind, subject', value: 'what it is, and what it is about: of a decision, the decision’s id' },
          {
            label: 'recordedAt',
            value: 'when it was sealed, by the recorder’s clock, in UTC; never earlier than the entry before',
          },
          {
            label: 'payload',
            value: 'what it says. Content is not in it: input, output and steps are digests with a secret salt',
          },
          {
            label: 'previousHash, hash',
            value: 'SHA-256 links of the chain; the hash is the RFC 6962 leaf hash of the entry’s exact text',
          },
        ],
      },
      { kind: 'heading', text: 'What is not recorded, and why' },
      {
        kind: 'list',
        items: [
          'What an agent did without sending telemetry. The record begins where a request reaches the recorder; what never reached it cannot be missed by it.',
          'The content of decisions that sampling did not keep: their facts, figures and the digest of their whole chain are sealed all the same.',
          'Whether what an agent said is true. Scores that judge answers are estimates, and are recorded as such.',
          'Biometric identification in the sense of Annex III 1(a), with the four items of Art. 12(3): no agent reports it in a form the recorder could tell.',
        ],
      },
    ],
  );
}

function kindBlocks({ verdict, facts }: LedgerData): readonly Block[] {
  const { kinds } = verdict.entries;
  const { kept, decisions } = facts.figures.total;
  const names = [...new Set([...ENTRY_KINDS, ...Object.keys(kinds)])];
  return [
    {
      kind: 'table',
      caption: 'Kinds of entries',
      columns: [
        { title: 'Kind', weight: 1.3 },
        { title: 'What it seals', weight: 4.4 },
        { title: 'Sealed when', weight: 2.6 },
        { title: 'In the bundle', weight: 1, align: 'right' },
      ],
      rows: names.map((name) => [
        { text: name },
        {
          text:
            KINDS[name]?.what ?? 'a kind that this version does not know; it is counted and checked like the others',
        },
        { text: KINDS[name]?.trigger ?? '–' },
        { text: grouped(kinds[name] ?? 0) },
      ]),
      rest: null,
    },
    paragraph(
      `Of ${counted(decisions, 'decision')} in the period, content was kept of ${grouped(kept)} (${percent(kept, decisions)}).`,
    ),
  ];
}
