import type { Facts } from '../facts/gather.js';
import type { Block, Section } from './block.js';
import { eachLedger, isSelection, type LedgerData, paragraph, type ReportData, section } from './data.js';
import { eventTable } from './events.js';
import { counted, duration, grouped } from './wording.js';

/** What personal data is in the record, and what was erased of it. */
export function protectionSection(data: ReportData): Section {
  return section(
    data,
    {
      id: 'protection',
      title: 'Data protection',
      serves:
        'GDPR Art. 5(2), 15, 17, 22: accountability, access, erasure. EDPB Guidelines 02/2025 (consultation version).',
    },
    [
      paragraph(
        'Entries hold no content. Prompts, answers, arguments, results and the names of users stand in them as digests with a salt of 256 random bits. Erasing deletes content and salt together: what is left cannot be opened again or guessed, and every proof holds as before.',
      ),
      {
        kind: 'facts',
        rows: [
          { label: 'Lawful basis', value: 'not recorded: whoever uses the agents has to name it' },
          {
            label: 'Categories of data',
            value: 'not recorded as such: they are in the content, which is not read for this report',
          },
          {
            label: 'In clear in entries',
            value: 'names of agents, models, tools’ counts, customer segments, conversation ids, times, tokens, costs',
          },
          {
            label: 'Transfers',
            value:
              'models are called by the agents, not by the recorder: see the providers in section “System and versions”',
          },
        ],
      },
      ...eachLedger(data, ({ facts, verdict }) => [
        paragraph(
          `The entries of this report hold ${counted(verdict.openings.digests, 'commitment')} to content, of which ${grouped(verdict.openings.opened)} can be read in it.`,
        ),
        ...eventTable(facts, 'protection', { caption: 'Erasures', data }),
      ]),
    ],
  );
}

/** How long things are kept, what was removed, and what must not be. */
export function retentionSection(data: ReportData): Section {
  return section(
    data,
    {
      id: 'retention',
      title: 'Retention and holds',
      serves:
        'AI Act Art. 19(1), 26(6): logs are kept for a period that fits the purpose, at least six months. Art. 18: documentation for ten years. GDPR Art. 5(1)(e).',
    },
    [
      paragraph(
        'Rows, which hold content, are kept for a time that the settings give for each risk class. Entries are kept for as long as the ledger is: they hold no content, and without them nothing could be proven.',
      ),
      {
        kind: 'table',
        caption: 'As the installation is set; no entry proves it',
        columns: [
          { title: 'What', weight: 2 },
          { title: 'Kept for', weight: 1.2 },
          { title: 'Content kept of', weight: 1.2 },
          { title: 'Against six months', weight: 2.6 },
        ],
        rows: [
          ...(['HIGH_RISK', 'ROUTINE', 'ADMIN'] as const).map((riskClass) => {
            const ms = data.input.settings.retentionMs[riskClass];
            const short = ms !== null && ms < SIX_MONTHS_MS;
            return [
              { text: `Decisions, ${riskClass.toLowerCase().replaceAll('_', ' ')}` },
              { text: ms === null ? 'for ever' : duration(ms) },
              { text: `${Number(data.input.settings.sampling[riskClass]) * 100} % of decisions` },
              short
                ? { text: 'shorter: rows go earlier; their entries stay', tone: 'attention' as const }
                : { text: 'not shorter', tone: 'good' as const },
            ];
          }),
          [
            { text: 'Ledger entries' },
            { text: 'for ever' },
            { text: 'hold no content' },
            { text: 'not shorter', tone: 'good' as const },
          ],
        ],
        rest: null,
      },
      ...eachLedger(data, (ledger) => keepingBlocks(ledger, data)),
    ],
  );
}

/** 183 days. */
const SIX_MONTHS_MS = 183 * 86_400_000;

function keepingBlocks({ facts, verdict }: LedgerData, data: ReportData): readonly Block[] {
  const oldest = verdict.entries.firstRecordedAt;
  return [
    paragraph(
      oldest === null
        ? 'There is no entry in the period.'
        : `The oldest entry here was sealed on ${data.calendar.moment(Date.parse(oldest))}.`,
    ),
    ...eventTable(facts, 'retention', { caption: 'Holds, their ends, and what retention removed', data }),
  ];
}

/** Who had access, what they took out, and which keys sign. */
export function accessSection(data: ReportData): Section {
  return section(
    data,
    {
      id: 'access',
      title: 'Access and keys',
      serves: 'SOC 2 CC6, CC7.2: logical access is controlled and watched. AI Act Art. 15(5): cybersecurity.',
    },
    [
      ...eachLedger(data, ({ facts, verdict }) => [
        {
          kind: 'facts',
          rows: [
            {
              label: 'Keys in the bundle',
              value:
                verdict.bundledKeys.length === 0
                  ? 'none'
                  : verdict.bundledKeys.flatMap((vkey, index) => [
                      { text: index === 0 ? '' : '\n', style: 'plain' as const },
                      { text: vkey, style: 'code' as const },
                    ]),
            },
            {
              label: 'Signatures',
              value:
                verdict.keys.length === 0
                  ? 'no checkpoint in the bundle was signed by a key that came with it'
                  : verdict.keys.map(({ checkpoints }) => counted(checkpoints, 'checkpoint')).join(', '),
            },
          ],
        },
        ...eventTable(facts, 'access', { caption: 'Access, keys, reports and exports', data }),
        ...readerBlocks(facts, data),
      ]),
      paragraph(
        'A report’s own SHA-256 is sealed as an entry when the report is done. It cannot stand in the report itself: ask for the entry of that name, or for the next report.',
      ),
    ],
  );
}

/** Content is given out once the ledger says so: who is not here, was given none by the installation. */
function readerBlocks(facts: Facts, data: ReportData): readonly Block[] {
  const { readers, otherReadings } = facts;
  if (readers.length === 0) {
    return [
      paragraph(
        isSelection(data)
          ? 'Who was given content is not among the entries chosen for this report. A report about the period tells of it.'
          : 'Nobody was given content of decisions by the installation within the period.',
      ),
    ];
  }
  return [
    {
      kind: 'table',
      caption: 'Who was given content',
      columns: [
        { title: 'Who', weight: 2 },
        { title: 'Readings', weight: 1, align: 'right' },
        { title: 'Decisions named', weight: 1.2, align: 'right' },
        { title: 'What', weight: 2.4 },
        { title: 'First', weight: 1.6 },
        { title: 'Last', weight: 1.6 },
      ],
      rows: readers.map(({ actor, readings, decisions, contents, firstMs, lastMs }) => [
        { text: actor },
        { text: grouped(readings) },
        { text: grouped(decisions) },
        { text: contents.map((each) => CONTENTS[each] ?? each).join(', ') },
        { text: data.calendar.moment(firstMs) },
        { text: data.calendar.moment(lastMs) },
      ]),
      rest:
        otherReadings > 0
          ? `${counted(otherReadings, 'reading')} of others can be read from the attached bundle.`
          : null,
    },
    ...eventTable(facts, 'reading', { caption: 'The latest readings', data }),
  ];
}

const CONTENTS: Readonly<Record<string, string>> = {
  DECISION: 'inputs and outputs',
  STEPS: 'steps',
  QUOTES: 'passages quoted by anomalies',
  REPORT: 'reports',
  STREAM: 'what was recorded while they watched',
};
