import { formatChange, formatCount, formatDuration, formatShare, formatUsd } from '../../figure/format.js';
import { addUp, seriesOf, timesOf, valuesOf } from '../../figure/series.js';
import { Tile } from '../../figure/tile.js';
import type { OverviewQuery } from './overview.graphql.js';

/** Changes beyond it are worth a colour. */
const WORSE_BY = 0.15;

/** The six numbers one wants first, each with what it was before. */
export function Figures({ data }: { data: OverviewQuery }) {
  const { length } = timesOf(data.outcomes, data.cost);
  const failed = seriesOf(data.outcomes, 'ERROR');
  const total = sum(data.outcomes);
  const totalBefore = sum(data.outcomesBefore);
  const [rate, rateBefore] = [
    shareOf(failed?.value, total),
    shareOf(seriesOf(data.outcomesBefore, 'ERROR')?.value, totalBefore),
  ];
  const [p95, p95Before] = [data.p95[0]?.value ?? null, data.p95Before[0]?.value ?? null];
  const [cost, costBefore] = [data.cost[0]?.value ?? null, data.costBefore[0]?.value ?? null];
  const [tokens, tokensBefore] = [data.tokens[0]?.value ?? null, data.tokensBefore[0]?.value ?? null];
  const all = addUp(valuesOf(seriesOf(data.outcomes, 'SUCCESS'), length), valuesOf(failed, length));
  const rates = all.map((count, index) =>
    count === null || count === 0 ? null : (valuesOf(failed, length)[index] ?? 0) / count,
  );
  const costs = valuesOf(data.cost[0], length);
  return (
    <dl class="tiles" aria-label="Figures">
      <Tile title="Decisions" value={formatCount(total)} change={formatChange(total, totalBefore)} course={all} />
      <Tile
        title="Failed"
        value={formatShare(rate)}
        change={formatChange(rate, rateBefore)}
        isWorse={isWorse(rate, rateBefore)}
        course={rates}
      />
      <Tile
        title="Latency, 95th percentile"
        value={formatDuration(p95)}
        change={formatChange(p95, p95Before)}
        isWorse={isWorse(p95, p95Before)}
        course={valuesOf(data.p95[0], length)}
      />
      <Tile
        title="Cost"
        value={formatUsd(cost)}
        change={formatChange(cost, costBefore)}
        isWorse={isWorse(cost, costBefore)}
        course={valuesOf(data.cost[0], length)}
      />
      <Tile
        title="Cost a decision"
        value={formatUsd(cost === null || total === 0 ? null : cost / total)}
        change={formatChange(ratio(cost, total), ratio(costBefore, totalBefore))}
        course={costs.map((usd, index) => (usd === null || !all[index] ? null : usd / all[index]))}
      />
      <Tile
        title="Tokens"
        value={formatCount(tokens)}
        change={formatChange(tokens, tokensBefore)}
        course={valuesOf(data.tokens[0], length)}
      />
    </dl>
  );
}

function sum(series: OverviewQuery['outcomesBefore']): number {
  return series.reduce((total, { value }) => total + (value ?? 0), 0);
}

function shareOf(part: number | null | undefined, whole: number): number | null {
  return whole === 0 ? null : (part ?? 0) / whole;
}

function ratio(dividend: number | null, divisor: number): number | null {
  return dividend === null || divisor === 0 ? null : dividend / divisor;
}

function isWorse(now: number | null, before: number | null): boolean {
  return now !== null && before !== null && before > 0 && now > before * (1 + WORSE_BY);
}
