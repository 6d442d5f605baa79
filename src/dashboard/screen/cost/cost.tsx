import { useMemo } from 'preact/hooks';
import { useFresh } from '../../data/use-fresh.js';
import { useQuery } from '../../data/use-query.js';
import { Select } from '../../element/narrow.js';
import { Empty, FailureNotice, Panel, Skeleton } from '../../element/panel.js';
import { type Series, TimeChart } from '../../element/time-chart.js';
import { formatChange, formatCount, formatUsd } from '../../figure/format.js';
import { timesOf, valuesOf } from '../../figure/series.js';
import { Tile } from '../../figure/tile.js';
import { useRowKeys } from '../../frame/rows.js';
import { place } from '../../route/location.js';
import { stepOf, type Window, windowBefore, windowOf } from '../../route/range.js';
import { filter, slice } from '../../route/slice.js';
import { Budgets } from './budgets.js';
import { BYS } from './by.js';
import { Cost as CostOperation, type CostQuery } from './cost.graphql.js';
import { Parts } from './parts.js';
import { Reconciliation } from './reconciliation.js';
import '../../element/narrow.css';
import './cost.css';

/** What is spent, on what, how it goes on, and how sure that is. */
export function Cost() {
  const { atMs } = useFresh(15_000);
  const { range } = slice.value;
  const window = useMemo(() => windowOf(range, atMs), [range, atMs]);
  const wanted = place.value.search.get('by');
  const by = BYS.find(({ value }) => value === wanted) ?? BYS[0];
  const variables = {
    from: window.from,
    to: window.to,
    beforeFrom: windowBefore(window).from,
    stepMs: stepOf(window, 40),
    by: [by.dimension],
    filter: filter.value,
  };
  const { data, failure, refresh } = useQuery(CostOperation, variables, {
    key: JSON.stringify([range, by.value, filter.value]),
  });
  useRowKeys('part');
  return (
    <div class="cost">
      <div class="narrow">
        <h1>Cost</h1>
        <Select parameter="by" name={`By ${BYS[0].word.toLowerCase()}`} choices={CHOICES} />
      </div>
      {failure !== null && <FailureNotice failure={failure} onRetry={refresh} />}
      {data === null ? failure === null && <Skeleton rows={8} height="1.5rem" /> : <Spent {...{ data, window, by }} />}
      <Budgets window={window} />
      {data !== null && <Parts data={data} by={by} />}
      <Reconciliation window={window} />
    </div>
  );
}

const CHOICES = BYS.slice(1).map(({ value, word }) => ({ value, word: `By ${word.toLowerCase()}` }));
const MONTH_MS = 30 * 86_400_000;

function Spent({ data, window, by }: { data: CostQuery; window: Window; by: (typeof BYS)[number] }) {
  const spent = data.total[0]?.value ?? null;
  const before = data.before[0]?.value ?? null;
  const unpriced = (data.all[0]?.value ?? 0) - (data.priced[0]?.value ?? 0);
  const elapsedMs = Math.min(Date.now(), window.toMs) - window.fromMs;
  const change = formatChange(spent, before);
  if ((data.all[0]?.value ?? 0) === 0) {
    return (
      <Panel title="Spent">
        <Empty title="Nothing was spent in this time">Choose a longer time, or take a filter away.</Empty>
      </Panel>
    );
  }
  return (
    <>
      <dl class="tiles">
        <Tile
          title="Spent"
          value={formatUsd(spent)}
          change={change}
          isWorse={spent !== null && before !== null && spent > before * 1.25}
          course={valuesOf(data.total[0], 0)}
        />
        <Tile title="A decision" value={formatUsd(data.average[0]?.value)} change={null} />
        <Tile
          title="In 30 days at this pace"
          value={spent === null || elapsedMs <= 0 ? '–' : formatUsd((spent / elapsedMs) * MONTH_MS)}
          change={null}
        />
        <Tile title="Decisions without a price" value={formatCount(Math.max(0, unpriced))} change={null} />
      </dl>
      <Panel title={`Spent over time, by ${by.word.toLowerCase()}`} aside="the five that cost most">
        <TimeChart
          label={`US dollars spent, by ${by.word.toLowerCase()}`}
          times={timesOf(data.total, data.parts)}
          series={seriesOf(data)}
          format={(value) => formatUsd(value ?? 0)}
        />
      </Panel>
    </>
  );
}

const COLORS = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5'] as const;

/** The dearest each by itself, and all of it together. */
function seriesOf({ total, parts }: CostQuery): Series[] {
  const length = total[0]?.points?.length ?? 0;
  const dearest = [...parts]
    .filter(({ value }) => (value ?? 0) > 0)
    .sort((one, other) => (other.value ?? 0) - (one.value ?? 0))
    .slice(0, COLORS.length);
  return [
    { name: 'All', color: '--line-strong', draw: 'dashes', values: zeros(valuesOf(total[0], length)) },
    ...dearest.map(
      (part, index): Series => ({
        name: part.labels[0]?.value || 'unknown',
        color: COLORS[index] ?? '--series-6',
        values: zeros(valuesOf(part, length)),
      }),
    ),
  ];
}

/** A step without decisions cost nothing. */
function zeros(values: readonly (number | null)[]): number[] {
  return values.map((value) => value ?? 0);
}
