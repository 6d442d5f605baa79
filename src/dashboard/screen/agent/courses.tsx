import { useMemo } from 'preact/hooks';
import { Panel } from '../../element/panel.js';
import { type Marker, type Series, TimeChart } from '../../element/time-chart.js';
import { formatChange, formatCount, formatDuration, formatShare, formatUsd } from '../../figure/format.js';
import { addUp, seriesOf, timesOf, valuesOf } from '../../figure/series.js';
import { Tile } from '../../figure/tile.js';
import type { AgentHistoryQuery, AgentScreenQuery } from './agent.graphql.js';

const WORSE_BY = 0.15;

interface CoursesProps {
  data: AgentScreenQuery;
  changes: AgentHistoryQuery['fleet']['versions']['changes'];
}

/** Its figures against the time before, and their course with where it changed. */
export function Courses({ data, changes }: CoursesProps) {
  const times = useMemo(() => timesOf(data.outcomes, data.p95, data.cost), [data]);
  const { length } = times;
  const failed = useMemo(() => valuesOf(seriesOf(data.outcomes, 'ERROR'), length), [data, length]);
  const all = useMemo(
    () => addUp(valuesOf(seriesOf(data.outcomes, 'SUCCESS'), length), failed),
    [data, failed, length],
  );
  const markers = useMemo((): Marker[] => changes.map(({ at, to }) => ({ at, text: to })), [changes]);
  const decisions = useMemo(
    (): Series[] => [
      { name: 'All', color: '--series-1', values: all, draw: 'bars' },
      { name: 'Failed', color: '--failed', values: failed, draw: 'bars' },
    ],
    [all, failed],
  );
  const latency = useMemo(
    (): Series[] => [
      { name: '95th percentile', color: '--series-2', values: valuesOf(data.p95[0], length) },
      { name: 'Median', color: '--series-1', values: valuesOf(data.p50[0], length) },
    ],
    [data, length],
  );
  const cost = useMemo(
    (): Series[] => [
      { name: 'Now', color: '--series-3', values: valuesOf(data.cost[0], length), draw: 'area' },
      { name: 'Before', color: '--line-strong', values: valuesOf(data.costBefore[0], length), draw: 'dashes' },
    ],
    [data, length],
  );
  return (
    <>
      <AgentFigures data={data} all={all} failed={failed} />
      <div class="courses">
        <Panel title="Decisions">
          <TimeChart label="Decisions a step" times={times} series={decisions} format={formatCount} markers={markers} />
        </Panel>
        <Panel title="Latency">
          <TimeChart label="Latency" times={times} series={latency} format={formatDuration} markers={markers} />
        </Panel>
        <Panel title="Cost">
          <TimeChart
            label="Cost a step in US dollars"
            times={times}
            series={cost}
            format={formatUsd}
            markers={markers}
          />
        </Panel>
      </div>
    </>
  );
}

interface FiguresProps {
  data: AgentScreenQuery;
  all: readonly (number | null)[];
  failed: readonly (number | null)[];
}

function AgentFigures({ data, all, failed }: FiguresProps) {
  const { length } = all;
  const [count, countBefore] = [data.outcomes, data.outcomesBefore].map(total) as [number, number];
  const rate = shareOf(seriesOf(data.outcomes, 'ERROR')?.value, count);
  const rateBefore = shareOf(seriesOf(data.outcomesBefore, 'ERROR')?.value, countBefore);
  const tiles = [
    { title: 'Latency, 95th percentile', now: data.p95, before: data.p95Before, format: formatDuration, worse: 1 },
    { title: 'Cost', now: data.cost, before: data.costBefore, format: formatUsd, worse: 1 },
    { title: 'Tool calls that succeed', now: data.tools, before: data.toolsBefore, format: formatShare, worse: -1 },
    { title: 'Hallucination', now: data.madeUp, before: data.madeUpBefore, format: formatShare, worse: 1 },
  ] as const;
  return (
    <dl class="tiles" aria-label="Figures">
      <Tile title="Decisions" value={formatCount(count)} change={formatChange(count, countBefore)} course={all} />
      <Tile
        title="Failed"
        value={formatShare(rate)}
        change={formatChange(rate, rateBefore)}
        isWorse={isWorse(rate, rateBefore, 1)}
        course={all.map((value, index) => (value ? (failed[index] ?? 0) / value : null))}
      />
      {tiles.map(({ title, now, before, format, worse }) => {
        const [is, was] = [now[0]?.value ?? null, before[0]?.value ?? null];
        return (
          <Tile
            key={title}
            title={title}
            value={is === null ? '–' : format(is)}
            change={formatChange(is, was)}
            isWorse={isWorse(is, was, worse)}
            course={valuesOf(now[0], length)}
          />
        );
      })}
    </dl>
  );
}

function total(series: AgentScreenQuery['outcomes']): number {
  return series.reduce((sum, { value }) => sum + (value ?? 0), 0);
}

function shareOf(part: number | null | undefined, whole: number): number | null {
  return whole === 0 ? null : (part ?? 0) / whole;
}

function isWorse(now: number | null, before: number | null, direction: 1 | -1): boolean {
  return now !== null && before !== null && before > 0 && (now / before - 1) * direction > WORSE_BY;
}
