import { compareText } from '../../order.js';
import type { SetupFacts } from '../facts/versions.js';
import type { Block, Section } from './block.js';
import { eachLedger, type LedgerData, paragraph, type ReportData, section } from './data.js';
import { eventTable } from './events.js';
import { counted, grouped } from './wording.js';

const CHANGES_MAX = 80;

/** Models, prompts, versions, rules and settings that changed. */
export function changesSection(data: ReportData): Section {
  return section(
    data,
    {
      id: 'changes',
      title: 'Changes',
      serves:
        'SOC 2 CC8.1: changes are authorised, tested, approved. AI Act Art. 12(2)(a), Annex IV(6): substantial modification and other changes over the lifecycle.',
    },
    [
      paragraph(
        'Two kinds of change are told here: what changed in the agents, as their own decisions show it, announced or not; and each entry of a change: rules, settings and prices that people changed, and agents that worked with something new.',
      ),
      ...eachLedger(data, (ledger) => changeBlocks(ledger, data)),
    ],
  );
}

interface SetupChange {
  agent: string;
  what: (typeof ATTRIBUTES)[number];
  before: string;
  after: string;
  /** Whether what was before was not seen any more. */
  isReplaced: boolean;
  /** Whether the agent's version stayed the same. */
  isUnannounced: boolean;
  atMs: number;
  seq: number;
}

const ATTRIBUTES = ['version', 'model', 'fingerprint'] as const;
const NAMES = { version: 'version', model: 'model', fingerprint: 'prompt or tools' } as const;

function changeBlocks({ facts }: LedgerData, data: ReportData): readonly Block[] {
  const changes = setupChanges(facts.setups);
  const { amended, superseded } = facts.figures;
  const rest = changes.length - CHANGES_MAX;
  return [
    changes.length === 0
      ? paragraph('No agent was seen to change its version, model, prompt or tools within the period.')
      : {
          kind: 'table',
          caption: 'Changes of agents, as their decisions show them',
          columns: [
            { title: 'Agent', weight: 2 },
            { title: 'What', weight: 1.3 },
            { title: 'New', weight: 2 },
            { title: 'In place of, or beside', weight: 2.6 },
            { title: 'First seen', weight: 1.7 },
            { title: 'Entry', weight: 0.8, align: 'right' },
          ],
          rows: changes
            .slice(0, CHANGES_MAX)
            .map((change) => [
              { text: change.agent },
              { text: NAMES[change.what], ...(change.isUnannounced && { tone: 'attention' as const }) },
              { text: change.after },
              { text: `${change.isReplaced ? 'in place of' : 'beside'} ${change.before}` },
              { text: data.calendar.moment(change.atMs) },
              { text: grouped(change.seq) },
            ]),
          rest: `A triangle marks a prompt or tools that changed while the version did not.${rest > 0 ? ` ${counted(rest, 'more change')} can be read from the attached decisions.csv.` : ''}`,
        },
    paragraph(
      'Who approved a change of an agent and how it was tested is not recorded: the record sees that an agent works otherwise, and when.',
    ),
    paragraph(
      `${counted(amended, 'decision')} became known more fully after sealing and ${amended === 1 ? 'was' : 'were'} amended; ${counted(superseded, 'decision')} turned out to be part of another. The first entry is never touched.`,
    ),
    ...eventTable(facts, 'change', { caption: 'Agents, rules, settings and prices', data }),
  ];
}

/** Each value of an attribute that an agent was first seen with after others. */
function setupChanges(setups: readonly SetupFacts[]): readonly SetupChange[] {
  const changes = ATTRIBUTES.flatMap((what) => attributeChanges(setups, what));
  return changes.sort((left, right) => compareText(left.agent, right.agent) || left.atMs - right.atMs);
}

function attributeChanges(setups: readonly SetupFacts[], what: SetupChange['what']): SetupChange[] {
  const changes: SetupChange[] = [];
  for (const [index, setup] of setups.entries()) {
    const earlier = setups.slice(0, index).filter(({ agent }) => agent === setup.agent);
    const before = earlier.at(-1);
    if (before === undefined || earlier.some((each) => each[what] === setup[what])) continue;
    const ofBefore = setups.filter((each) => each.agent === setup.agent && each[what] === before[what]);
    changes.push({
      agent: setup.agent,
      what,
      before: before[what] ?? 'not told',
      after: setup[what] ?? 'not told',
      isReplaced: ofBefore.every(({ lastMs }) => lastMs <= setup.firstMs),
      isUnannounced: what === 'fingerprint' && earlier.some(({ version }) => version === setup.version),
      atMs: setup.firstMs,
      seq: setup.firstSeq,
    });
  }
  return changes;
}
