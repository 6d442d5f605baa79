import type { Block, Section } from './block.js';
import { code, eachLedger, type LedgerData, paragraph, type ReportData, section } from './data.js';
import { counted, grouped } from './wording.js';

const SETUPS_MAX = 80;

/** Which agents, models and versions were at work. */
export function systemSection(data: ReportData): Section {
  return section(
    data,
    {
      id: 'system',
      title: 'System and versions',
      serves:
        'AI Act Annex IV(1)–(2) and Art. 13(3)(a)–(b): what the system is, in which versions, and how it interacts.',
    },
    [
      paragraph(
        'What follows is read from the decisions themselves: each names its agent, the agent’s version, the model that answered, and a fingerprint of the system prompt and tools it worked with. A fingerprint that changes while the version does not is a change that nobody announced.',
      ),
      {
        kind: 'facts',
        rows: [
          { label: 'Intended purpose', value: NOT_RECORDED },
          { label: 'Provider and deployer', value: NOT_RECORDED },
          { label: 'Recorded by', value: data.input.generator },
        ],
      },
      ...eachLedger(data, (ledger) => setupBlocks(ledger, data)),
    ],
  );
}

const NOT_RECORDED =
  'not recorded here: it belongs in the technical documentation, which whoever provides the system keeps';

function setupBlocks({ facts }: LedgerData, { calendar }: ReportData): readonly Block[] {
  const { setups, untoldSetups } = facts;
  if (setups.length === 0)
    return [paragraph('No decisions were recorded in the period, so no version was seen at work.')];
  const agents = new Set(setups.map(({ agent }) => agent)).size;
  const models = new Set(setups.map(({ model }) => model)).size;
  const rest = setups.length - SETUPS_MAX;
  return [
    {
      kind: 'tiles',
      tiles: [
        { value: grouped(agents), label: agents === 1 ? 'agent' : 'agents' },
        { value: grouped(models), label: models === 1 ? 'model' : 'models' },
        { value: grouped(setups.length), label: 'setups', note: 'version, model and fingerprint together' },
        { value: grouped(facts.figures.total.decisions), label: 'decisions' },
      ],
    },
    {
      kind: 'table',
      caption: 'Setups at work in the period',
      columns: [
        { title: 'Agent', weight: 2.2 },
        { title: 'Version', weight: 1.2 },
        { title: 'Model', weight: 2 },
        { title: 'Fingerprint', weight: 1.7 },
        { title: 'First decision', weight: 1.9 },
        { title: 'Last decision', weight: 1.9 },
        { title: 'Decisions', weight: 1, align: 'right' },
      ],
      rows: setups
        .slice(0, SETUPS_MAX)
        .map((setup) => [
          { text: setup.agent },
          { text: setup.version ?? 'not told' },
          { text: setup.model ?? 'not told' },
          { text: setup.fingerprint === null ? 'not told' : [code(setup.fingerprint)] },
          { text: calendar.moment(setup.firstMs) },
          { text: calendar.moment(setup.lastMs) },
          { text: grouped(setup.decisions) },
        ]),
      rest:
        rest > 0 || untoldSetups > 0
          ? `${rest > 0 ? `${counted(rest, 'more setup')} ` : ''}${untoldSetups > 0 ? `and those of ${counted(untoldSetups, 'decision')} ` : ''}can be read from the attached bundle.`
          : null,
    },
  ];
}
