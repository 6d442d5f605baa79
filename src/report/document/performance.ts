import type { DecisionFigures } from '../facts/figures.js';
import type { Block, Section } from './block.js';
import { eachLedger, type LedgerData, paragraph, type ReportData, section } from './data.js';
import { counted, dollars, duration, grouped, percent } from './wording.js';

const MODELS_MAX = 30;
const TOP = 10;

/** How well it went, as far as that was measured. */
export function performanceSection(data: ReportData): Section {
  return section(
    data,
    {
      id: 'performance',
      title: 'Performance',
      serves:
        'AI Act Art. 15, Annex IV(2)(g), (3)–(4): accuracy, robustness, metrics and their limits. NIST AI RMF MEASURE 2.5–2.9.',
    },
    [
      paragraph(
        'Latency is from the start of a decision to its end. An answer counts as not grounded when its score is 0.5 or more, on a scale from 0, grounded, to 1, made up; scores are estimates and not every answer can be judged.',
      ),
      ...eachLedger(data, performanceBlocks),
      paragraph(
        'Percentiles are within 1 % of the exact value. Whether these metrics are the right ones for the system’s purpose, and which values are good enough, has to be judged by whoever answers for it; tests before release are not part of this record.',
      ),
    ],
  );
}

function performanceBlocks({ facts }: LedgerData): readonly Block[] {
  const { total, byAgent, byModel, byRiskClass } = facts.figures;
  if (total.decisions === 0) return [paragraph('Nothing was measured in the period.')];
  const slowest = [...byAgent].filter(({ latencyP95Ms }) => latencyP95Ms !== null);
  slowest.sort((left, right) => Number(right.latencyP95Ms) - Number(left.latencyP95Ms));
  return [
    {
      kind: 'tiles',
      tiles: [
        {
          value: duration(numberOf(total.latencyP50Ms)),
          label: 'median latency',
          note: `longest ${duration(numberOf(total.latencyMaxMs))}`,
        },
        { value: duration(numberOf(total.latencyP95Ms)), label: '95th percentile' },
        {
          value: percent(total.toolCalls - total.failedToolCalls, total.toolCalls),
          label: 'tool calls that succeeded',
          note: counted(total.toolCalls, 'call'),
        },
        {
          value: total.judged === 0 ? '–' : percent(total.ungrounded, total.judged),
          label: 'of judged answers not grounded',
          note: `${counted(total.judged, 'answer')} judged`,
          tone: total.ungrounded > 0 ? 'attention' : 'neutral',
        },
      ],
    },
    {
      kind: 'bars',
      title: 'Slowest agents, 95th percentile of latency',
      parts: [{ name: 'p95', tone: 'good' }],
      bars: slowest.slice(0, TOP).map(({ name, latencyP95Ms }) => ({
        label: name,
        parts: [Number(latencyP95Ms)],
        note: duration(Number(latencyP95Ms)),
      })),
      description: slowest
        .slice(0, TOP)
        .map(({ name, latencyP95Ms }) => `${name} ${duration(Number(latencyP95Ms))}`)
        .join('; '),
    },
    sliceTable('By risk class', 'Class', byRiskClass),
    sliceTable('By model', 'Model', byModel),
  ];
}

function sliceTable(caption: string, title: string, slices: readonly (DecisionFigures & { name: string })[]): Block {
  const rest = slices.length - MODELS_MAX;
  return {
    kind: 'table',
    caption,
    columns: [
      { title, weight: 2.4 },
      { title: 'Decisions', weight: 1, align: 'right' },
      { title: 'Failed', weight: 0.9, align: 'right' },
      { title: 'Latency p50', weight: 1, align: 'right' },
      { title: 'Latency p95', weight: 1, align: 'right' },
      { title: 'Tokens in', weight: 1.2, align: 'right' },
      { title: 'Tokens out', weight: 1.2, align: 'right' },
      { title: 'Cost', weight: 1.3, align: 'right' },
      { title: 'Not grounded', weight: 1.1, align: 'right' },
    ],
    rows: slices
      .slice(0, MODELS_MAX)
      .map((slice) => [
        { text: slice.name },
        { text: grouped(slice.decisions) },
        { text: percent(slice.failed, slice.decisions) },
        { text: duration(numberOf(slice.latencyP50Ms)) },
        { text: duration(numberOf(slice.latencyP95Ms)) },
        { text: grouped(slice.inputTokens) },
        { text: grouped(slice.outputTokens) },
        { text: dollars(slice.costUsd) },
        { text: slice.judged === 0 ? 'not judged' : `${grouped(slice.ungrounded)} of ${grouped(slice.judged)}` },
      ]),
    rest: rest > 0 ? `${counted(rest, 'more row')} can be read from the attached decisions.csv.` : null,
  };
}

function numberOf(text: string | null): number | null {
  return text === null ? null : Number(text);
}
