import type { DecisionFigures } from '../facts/figures.js';
import type { Block, Part, Section } from './block.js';
import { eachLedger, type LedgerData, paragraph, type ReportData, section } from './data.js';
import { eventTable } from './events.js';
import { counted, dollars, duration, grouped, percent } from './wording.js';

const OUTCOMES: readonly Part[] = [
  { name: 'Succeeded', tone: 'good' },
  { name: 'Failed', tone: 'bad' },
];
const BARS_MAX = 12;
const AGENTS_MAX = 60;
const DAYS_MAX = 92;

/** What the agents did, what went wrong, and what was raised about it. */
export function activitySection(data: ReportData): Section {
  return section(
    data,
    {
      id: 'activity',
      title: 'Activity and risk events',
      serves:
        'AI Act Art. 26(5), 72, 73: monitor operation, act on risk, report serious incidents. SOC 2 CC7.3–7.5. NIST AI RMF MEASURE 2.4, MANAGE 4.1, 4.3.',
    },
    [
      paragraph(
        'Counted are the decisions that started in the period, each by what was last sealed of it. A decision that failed is one whose agent said so, or whose answer never came: it says nothing of whether a decision that succeeded was right.',
      ),
      ...eachLedger(data, (ledger) => [...decisionBlocks(ledger, data), ...riskBlocks(ledger, data)]),
    ],
  );
}

function decisionBlocks({ facts }: LedgerData, data: ReportData): readonly Block[] {
  const { total, byDay, byAgent, errors } = facts.figures;
  if (total.decisions === 0) return [paragraph('No decision of the report’s scope was recorded in the period.')];
  const days = byDay.slice(-DAYS_MAX);
  return [
    {
      kind: 'tiles',
      tiles: [
        { value: grouped(total.decisions), label: 'decisions' },
        {
          value: percent(total.failed, total.decisions),
          label: `failed: ${grouped(total.failed)}`,
          tone: total.failed === 0 ? 'good' : 'attention',
        },
        { value: grouped(facts.figures.oversight.fired), label: 'alerts fired' },
        {
          value: dollars(total.costUsd),
          label: 'cost as sealed',
          ...(total.unpriced > 0 && { note: `${grouped(total.unpriced)} without a price` }),
        },
      ],
    },
    {
      kind: 'series',
      title: `Decisions by day (${data.input.request.timeZone})`,
      parts: OUTCOMES,
      columns: days.map(({ day, decisions, failed }) => ({ label: day.slice(5), parts: [decisions - failed, failed] })),
      description: `Decisions by day: ${days.map(({ day, decisions, failed }) => `${day} ${decisions}, ${failed} failed`).join('; ')}`,
    },
    {
      kind: 'bars',
      title: 'Decisions by agent',
      parts: OUTCOMES,
      bars: byAgent.slice(0, BARS_MAX).map(({ name, decisions, failed }) => ({
        label: name,
        parts: [decisions - failed, failed],
        note: `${grouped(decisions)} · ${percent(failed, decisions)} failed`,
      })),
      description: `The ${Math.min(BARS_MAX, byAgent.length)} agents with the most decisions, of ${byAgent.length}.`,
    },
    agentTable(byAgent),
    ...(Object.keys(errors).length === 0 ? [] : [errorTable(errors, total.failed)]),
  ];
}

function agentTable(agents: readonly (DecisionFigures & { name: string })[]): Block {
  const rest = agents.length - AGENTS_MAX;
  return {
    kind: 'table',
    caption: 'Agents',
    columns: [
      { title: 'Agent', weight: 2.6 },
      { title: 'Decisions', weight: 1, align: 'right' },
      { title: 'Failed', weight: 1, align: 'right' },
      { title: 'Latency p50', weight: 1, align: 'right' },
      { title: 'Latency p95', weight: 1, align: 'right' },
      { title: 'Tool calls', weight: 1, align: 'right' },
      { title: 'of which failed', weight: 1, align: 'right' },
      { title: 'Cost', weight: 1.3, align: 'right' },
    ],
    rows: agents
      .slice(0, AGENTS_MAX)
      .map((agent) => [
        { text: agent.name },
        { text: grouped(agent.decisions) },
        { text: percent(agent.failed, agent.decisions) },
        { text: duration(numberOf(agent.latencyP50Ms)) },
        { text: duration(numberOf(agent.latencyP95Ms)) },
        { text: grouped(agent.toolCalls) },
        { text: grouped(agent.failedToolCalls) },
        { text: dollars(agent.costUsd) },
      ]),
    rest: rest > 0 ? `${counted(rest, 'more agent')} can be read from the attached decisions.csv.` : null,
  };
}

function errorTable(errors: Readonly<Record<string, number>>, failed: number): Block {
  const MAX = 20;
  const sorted = Object.entries(errors).sort(([, left], [, right]) => right - left);
  return {
    kind: 'table',
    caption: 'Failed decisions by type of error',
    columns: [
      { title: 'Type', weight: 5 },
      { title: 'Decisions', weight: 1, align: 'right' },
      { title: 'Of all failed', weight: 1, align: 'right' },
    ],
    rows: sorted
      .slice(0, MAX)
      .map(([name, count]) => [{ text: name }, { text: grouped(count) }, { text: percent(count, failed) }]),
    rest:
      sorted.length > MAX
        ? `${counted(sorted.length - MAX, 'more type')} can be read from the attached decisions.csv.`
        : null,
  };
}

function riskBlocks({ facts, input }: LedgerData, data: ReportData): readonly Block[] {
  const anomalies = Object.entries(input.stored.anomalies);
  return [
    { kind: 'heading', text: 'Risk events' },
    anomalies.length === 0
      ? paragraph('No anomaly was recorded in the period.')
      : paragraph(
          `Detectors recorded ${anomalies.map(([kind, count]) => `${grouped(count)} of ${kind.toLowerCase().replaceAll('_', ' ')}`).join(', ')}. These are stored figures: anomalies are findings about decisions and not entries of the ledger; alerts about them are.`,
        ),
    ...eventTable(facts, 'risk', { caption: 'Alerts and incidents', data }),
  ];
}

function numberOf(text: string | null): number | null {
  return text === null ? null : Number(text);
}
