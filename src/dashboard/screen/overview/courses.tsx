import { useMemo } from 'preact/hooks';
import { Panel } from '../../element/panel.js';
import { type Series, TimeChart } from '../../element/time-chart.js';
import { formatCount, formatDuration, formatUsd } from '../../figure/format.js';
import { addUp, seriesOf, timesOf, valuesOf } from '../../figure/series.js';
import type { OverviewQuery } from './overview.graphql.js';

/** How it went over the time: decisions, how long they took, and what they cost against the time before. */
export function Courses({ data }: { data: OverviewQuery }) {
  const times = useMemo(() => timesOf(data.outcomes, data.cost, data.p95), [data]);
  const { length } = times;
  const decisions = useMemo((): Series[] => {
    const failed = valuesOf(seriesOf(data.outcomes, 'ERROR'), length);
    const all = addUp(valuesOf(seriesOf(data.outcomes, 'SUCCESS'), length), failed);
    return [
      { name: 'All', color: '--series-1', values: all, draw: 'bars' },
      { name: 'Failed', color: '--failed', values: failed, draw: 'bars' },
    ];
  }, [data, length]);
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
    <div class="courses">
      <Panel title="Decisions">
        <TimeChart label="Decisions a step" times={times} series={decisions} format={formatCount} />
      </Panel>
      <Panel title="Latency">
        <TimeChart label="Latency" times={times} series={latency} format={formatDuration} />
      </Panel>
      <Panel title="Cost">
        <TimeChart label="Cost a step in US dollars" times={times} series={cost} format={formatUsd} />
      </Panel>
    </div>
  );
}
