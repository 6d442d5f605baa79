import { DAY_MS } from '../../time.js';
import type { Cell, Section, Tone } from './block.js';
import { paragraph, type ReportData, section } from './data.js';

type Status = 'recorded' | 'partly' | 'not recorded';

interface Control {
  clause: string;
  /** What it asks, in our words. */
  asks: string;
  /** What the record has of it. */
  evidence: string;
  status: (evidence: Evidence) => Status;
  /** Who has to answer for the rest. */
  owner: string;
}

const TONES: Readonly<Record<Status, Tone>> = { recorded: 'good', partly: 'attention', 'not recorded': 'neutral' };

/** What the record has for each clause. Never whether the clause is met: that is for people to judge. */
export function controlsSection(data: ReportData): Section {
  const evidence = evidenceOf(data);
  return section(
    data,
    {
      id: 'controls',
      title: 'Control mapping',
      serves: 'Whoever examines against a norm finds here where to look.',
    },
    [
      paragraph(
        'Recorded: the record has what the clause is about. Partly: it has some of it. Not recorded: it has nothing of it. None of the three says that a requirement is met. Clauses are told in our words; the official texts hold, and counsel decides what applies. The application dates of Regulation (EU) 2026/1744 were read on 22 November 2026: 2 December 2027 for Annex III systems, 2 August 2028 for Annex I.',
      ),
      {
        kind: 'table',
        caption: 'Clauses and evidence',
        columns: [
          { title: 'Clause', weight: 1.5 },
          { title: 'What it asks, in our words', weight: 3 },
          { title: 'Where the evidence is', weight: 3 },
          { title: 'Status', weight: 1.3 },
          { title: 'To be answered by', weight: 1.4 },
        ],
        rows: CONTROLS.map((control): Cell[] => {
          const status = control.status(evidence);
          return [
            { text: [{ text: control.clause, style: 'strong' }] },
            { text: control.asks },
            { text: control.evidence },
            { text: status, tone: TONES[status] },
            { text: control.owner },
          ];
        }),
        rest: null,
      },
    ],
  );
}

/** What the record of this report has, as far as clauses ask for it. */
interface Evidence {
  decisions: boolean;
  contents: boolean;
  oversight: boolean;
  reviews: boolean;
  alerts: boolean;
  published: boolean;
  witnessed: boolean;
  dossiers: boolean;
  changes: boolean;
  erasures: boolean;
  /** Given, taken or used to read content. */
  access: boolean;
  incidents: boolean;
  /** Whether nothing is kept for less than six months. */
  keptLong: boolean;
}

const SIX_MONTHS_MS = 183 * DAY_MS;

function evidenceOf({ ledgers, input }: ReportData): Evidence {
  const figures = ledgers.map(({ facts }) => facts.figures);
  const events = ledgers.map(({ facts }) => facts.eventCounts);
  const { retentionMs, alertRules } = input.settings;
  return {
    decisions: figures.some(({ total }) => total.decisions > 0),
    contents: ledgers.some(({ verdict }) => verdict.openings.opened > 0),
    oversight: figures.some(({ oversight }) => oversight.acknowledged + oversight.commented > 0),
    reviews: ledgers.some(({ input: ledger }) => ledger.stored.humanReviews > 0),
    alerts: alertRules > 0 || figures.some(({ oversight }) => oversight.fired > 0),
    published: ledgers.every(({ verdict }) => verdict.published.size !== null),
    witnessed: ledgers.every(({ verdict }) => verdict.witnesses.some(({ cosignatures }) => cosignatures > 0)),
    dossiers: ledgers.some(({ facts }) => facts.dossiers.length > 0),
    changes: events.some(({ change }) => change > 0) || ledgers.some(({ facts }) => facts.setups.length > 0),
    erasures: events.some(({ protection }) => protection > 0),
    access: figures.some(({ kinds }) => (kinds.ACCESS ?? 0) + (kinds.READ ?? 0) > 0),
    incidents: figures.some(({ kinds }) => (kinds.INCIDENT ?? 0) > 0),
    keptLong: Object.values(retentionMs).every((ms) => ms === null || ms >= SIX_MONTHS_MS),
  };
}

function whole(has: boolean): Status {
  return has ? 'recorded' : 'not recorded';
}

function part(has: boolean): Status {
  return has ? 'partly' : 'not recorded';
}

const CONTROLS: readonly Control[] = [
  {
    clause: 'AI Act 12(1)',
    asks: 'Events are recorded automatically over the lifetime.',
    evidence: 'Every entry; section Logging capability',
    status: ({ decisions }) => whole(decisions),
    owner: 'provider',
  },
  {
    clause: 'AI Act 12(2)(a)',
    asks: 'Risk situations and substantial modifications can be told.',
    evidence: 'Sections Activity and Changes',
    status: ({ decisions }) => part(decisions),
    owner: 'provider',
  },
  {
    clause: 'AI Act 12(2)(b)–(c)',
    asks: 'Post-market monitoring and deployers’ monitoring are supported.',
    evidence: 'Sections Activity, Performance, Human oversight',
    status: ({ decisions }) => whole(decisions),
    owner: 'provider, deployer',
  },
  {
    clause: 'AI Act 12(3)',
    asks: 'Biometric systems: period of use, database, match, verifiers.',
    evidence: '–',
    status: () => 'not recorded',
    owner: 'provider',
  },
  {
    clause: 'AI Act 13(3)(f)',
    asks: 'How to collect, store and interpret the logs.',
    evidence: 'Section Logging capability; the verifier’s documentation',
    status: () => 'recorded',
    owner: 'provider',
  },
  {
    clause: 'AI Act 14(1)–(4)',
    asks: 'People can understand, interpret, override and stop.',
    evidence: 'Section Human oversight',
    status: ({ oversight, reviews }) => part(oversight || reviews),
    owner: 'provider, deployer',
  },
  {
    clause: 'AI Act 19(1)',
    asks: 'The provider keeps the logs, at least six months.',
    evidence: 'Section Retention and holds',
    status: ({ keptLong }) => (keptLong ? 'recorded' : 'partly'),
    owner: 'provider',
  },
  {
    clause: 'AI Act 26(2)',
    asks: 'Oversight by competent, trained, authorised persons.',
    evidence: 'Who acted stands in entries; competence does not',
    status: ({ oversight }) => part(oversight),
    owner: 'deployer',
  },
  {
    clause: 'AI Act 26(5)',
    asks: 'Operation is monitored, risk acted on and reported.',
    evidence: 'Alerts and what people did about them',
    status: ({ alerts }) => part(alerts),
    owner: 'deployer',
  },
  {
    clause: 'AI Act 26(6)',
    asks: 'The deployer keeps the logs, at least six months.',
    evidence: 'Section Retention and holds',
    status: ({ keptLong }) => (keptLong ? 'recorded' : 'partly'),
    owner: 'deployer',
  },
  {
    clause: 'AI Act 86',
    asks: 'An explanation of the AI’s role and the main elements of a decision.',
    evidence: 'Section Decision dossiers',
    status: ({ dossiers, contents }) => part(dossiers && contents),
    owner: 'deployer',
  },
  {
    clause: 'GDPR 15(1)(h)',
    asks: 'Meaningful information about the logic involved.',
    evidence: 'Section Decision dossiers',
    status: ({ dossiers, contents }) => part(dossiers && contents),
    owner: 'controller',
  },
  {
    clause: 'GDPR 17',
    asks: 'Data is erased on request.',
    evidence: 'Erasure entries; section Data protection',
    status: ({ erasures }) => (erasures ? 'recorded' : 'partly'),
    owner: 'controller',
  },
  {
    clause: 'GDPR 22',
    asks: 'Human intervention, own view, contest.',
    evidence: 'Review steps and acknowledgements',
    status: ({ oversight, reviews }) => part(oversight || reviews),
    owner: 'controller',
  },
  {
    clause: 'ISO/IEC 42001 A.6.2.8',
    asks: 'Event logs are kept in the phases where they are needed, at least in use.',
    evidence: 'The ledger; section Integrity statement',
    status: ({ decisions }) => whole(decisions),
    owner: 'organisation',
  },
  {
    clause: 'SOC 2 CC6.1–6.3',
    asks: 'Access is authorised, limited to what is needed, and taken when it ends.',
    evidence: 'Who gave and took access, and who read content: section Access and keys. Authorisation is elsewhere',
    status: ({ access }) => part(access),
    owner: 'organisation',
  },
  {
    clause: 'SOC 2 CC7.2',
    asks: 'Anomalies are watched for.',
    evidence: 'Alerts; anomalies as stored figures',
    status: ({ alerts }) => whole(alerts),
    owner: 'organisation',
  },
  {
    clause: 'SOC 2 CC7.3–7.5',
    asks: 'Incidents are evaluated, answered and recovered from.',
    evidence: 'Acknowledgements, comments, incidents',
    status: ({ oversight, incidents }) => part(oversight || incidents),
    owner: 'organisation',
  },
  {
    clause: 'SOC 2 CC8.1',
    asks: 'Changes are authorised, tested, approved.',
    evidence: 'That and when: section Changes. Approval and tests are elsewhere',
    status: ({ changes }) => part(changes),
    owner: 'organisation',
  },
  {
    clause: 'NIST AI RMF GOVERN 1.4–1.5',
    asks: 'Risk management is transparent, monitored, reviewed.',
    evidence: 'This report and the ones before it',
    status: () => 'partly',
    owner: 'organisation',
  },
  {
    clause: 'NIST AI RMF MEASURE 2.8',
    asks: 'Transparency and accountability risks are examined.',
    evidence: 'Sections Integrity statement, Decision dossiers, Limits',
    status: () => 'partly',
    owner: 'organisation',
  },
  {
    clause: 'NIST AI RMF MANAGE 4.1',
    asks: 'Deployed systems are monitored and incidents answered.',
    evidence: 'Sections Activity, Human oversight',
    status: ({ alerts }) => part(alerts),
    owner: 'organisation',
  },
  {
    clause: 'eIDAS 45l (not qualified)',
    asks: 'Unique, ordered, later change detectable.',
    evidence: 'Chain, checkpoints, witnesses: section Integrity statement',
    status: ({ decisions, published, witnessed }) => (published && witnessed ? 'recorded' : part(decisions)),
    owner: 'organisation',
  },
];
