import type { Block, Section } from './block.js';
import { eachLedger, type LedgerData, paragraph, type ReportData, section } from './data.js';
import { eventTable } from './events.js';
import { counted, duration, grouped, percent } from './wording.js';

/** What people did: whom alerts reached, how soon, and where a person was asked. */
export function oversightSection(data: ReportData): Section {
  return section(
    data,
    {
      id: 'oversight',
      title: 'Human oversight',
      serves:
        'AI Act Art. 14(1)–(4), 26(2): people can follow, interpret, decide against and stop the system. NIST AI RMF MAP 3.5.',
    },
    [
      paragraph(
        'An alert asks for somebody’s attention. That it fired, whom it reached first, and what they did about it are entries like any other: an acknowledgement cannot be dated back, and a comment cannot be taken back.',
      ),
      ...eachLedger(data, (ledger) => oversightBlocks(ledger, data)),
      {
        kind: 'callout',
        tone: 'neutral',
        title: 'What the record cannot tell of oversight',
        text: 'Who was assigned to oversee, how they were trained, and whether a stop was tested are not recorded unless somebody entered them. The share of outputs that people took over unchanged, by which automation bias could be told, is known only where review steps were reported.',
      },
    ],
  );
}

function oversightBlocks({ facts, input }: LedgerData, data: ReportData): readonly Block[] {
  const { oversight, total } = facts.figures;
  const { humanReviews, guardrails, failedGuardrails } = input.stored;
  const number = (text: string | null) => (text === null ? null : Number(text));
  return [
    {
      kind: 'tiles',
      tiles: [
        { value: grouped(oversight.fired), label: 'alerts fired', note: severities(oversight.bySeverity) },
        {
          value: oversight.fired === 0 ? '–' : percent(oversight.acknowledged, oversight.fired),
          label: `acknowledged: ${grouped(oversight.acknowledged)}`,
          note: `${grouped(oversight.unacknowledged)} were not`,
          tone: oversight.unacknowledged > 0 ? 'attention' : 'neutral',
        },
        {
          value: duration(number(oversight.acknowledgedAfterP50Ms)),
          label: 'until a person acknowledged',
          note: `median; the longest ${duration(number(oversight.acknowledgedAfterMaxMs))}`,
        },
        {
          value: grouped(humanReviews),
          label: 'review steps',
          note: 'a person was asked within a decision; stored figure',
        },
      ],
    },
    paragraph(
      humanReviews === 0
        ? `No review step by a person was reported in the ${counted(total.kept, 'decision')} of which steps are kept.`
        : `In the ${counted(total.kept, 'decision')} of which steps are kept, a person was asked ${counted(humanReviews, 'time')}. What came of each stands in the step itself, which the decision’s entry commits to.`,
    ),
    paragraph(
      guardrails === 0
        ? 'No guardrail step was reported.'
        : `Guardrails checked ${counted(guardrails, 'time')} and failed or refused ${counted(failedGuardrails, 'time')} (${percent(failedGuardrails, guardrails)}; stored figures).`,
    ),
    ...eventTable(facts, 'oversight', { caption: 'What people did', data }),
  ];
}

function severities({ CRITICAL, WARNING, INFO }: Readonly<Record<'CRITICAL' | 'WARNING' | 'INFO', number>>): string {
  return `${grouped(CRITICAL)} critical, ${grouped(WARNING)} warning, ${grouped(INFO)} info`;
}
