import { useQuery } from '../../data/use-query.js';
import { Copyable } from '../../element/copyable.js';
import { Mark } from '../../element/mark.js';
import { Empty, FailureNotice, Panel, Skeleton } from '../../element/panel.js';
import { counted, formatDuration, formatShare, formatUsd } from '../../figure/format.js';
import { Moment } from '../../figure/moment.js';
import type { Window } from '../../route/range.js';
import { AgentLine } from '../../text/agent-text.js';
import { Budgets as BudgetsOperation, type BudgetsQuery, type StandingFragment } from './cost.graphql.js';

/** What may be spent and whether it lasts; and what the figures lack for want of a price. */
export function Budgets({ window: { from, to } }: { window: Window }) {
  const { data, failure, refresh } = useQuery(BudgetsOperation, { from, to }, { key: 'budgets' });
  if (failure !== null) return <FailureNotice failure={failure} onRetry={refresh} />;
  return (
    <div class="cost-columns">
      <Panel title="Budgets">
        {data === null ? <Skeleton rows={3} /> : <Standings budgets={data.fleet.budgets} />}
      </Panel>
      <Panel title="Models without a price">
        {data === null ? <Skeleton rows={3} /> : <Unpriced models={data.unpricedModels} />}
      </Panel>
    </div>
  );
}

function Standings({ budgets }: { budgets: readonly StandingFragment[] }) {
  if (budgets.length === 0) {
    return (
      <Empty title="No budget is set">
        Write one under <code>budgets</code> in midwatch.yaml: it is watched from then on, and said before it is used
        up.
      </Empty>
    );
  }
  return (
    <ul class="budgets">
      {budgets.map((budget) => (
        <Standing key={budget.name} budget={budget} />
      ))}
    </ul>
  );
}

function Standing({ budget }: { budget: StandingFragment }) {
  const { name, unit, limit, spent, warnAt, share, perHour, burnRate, forecastShare, periodEndsAt } = budget;
  const format = unit === 'USD' ? formatUsd : (value: number) => counted(value, 'token');
  // The bar ends where the limit is, or what is spent or foreseen if that is more.
  const most = Math.max(1, share, forecastShare);
  const percentOf = (part: number) => `${Math.min(100, (part / most) * 100)}%`;
  return (
    <li>
      <p class="budget-head">
        <b>
          <AgentLine text={name} />
        </b>
        <Verdict budget={budget} />
        <span class="number">
          {format(spent)} of {format(limit)}
        </span>
      </p>
      <div
        class={share >= 1 ? 'budget-bar used-up' : 'budget-bar'}
        role="img"
        aria-label={`${formatShare(share)} spent, ${formatShare(forecastShare)} foreseen by the end`}
      >
        <span class="foreseen" style={{ width: percentOf(forecastShare) }} />
        <span class="spent" style={{ width: percentOf(share) }} />
        {warnAt.map((tier) => (
          <span key={tier} class="tier" style={{ left: percentOf(tier) }} title={`Said at ${formatShare(tier)}`} />
        ))}
      </div>
      <p class="quiet-text budget-foot">
        <span>{formatShare(share)} spent</span>
        <span>{formatShare(forecastShare)} foreseen by the end</span>
        <span>{format(perHour)} an hour</span>
        <span>burns ×{burnRate.toFixed(1)}</span>
        <span>
          until <Moment at={periodEndsAt} />
        </span>
      </p>
    </li>
  );
}

function Verdict({ budget: { share, forecastShare, runsOutAt } }: { budget: StandingFragment }) {
  if (share >= 1) return <Mark tone="critical" word="Used up" />;
  if (runsOutAt !== null) {
    const left = formatDuration(Math.max(0, Date.parse(runsOutAt) - Date.now()));
    return <Mark tone="warning" word={`Gone in ${left}`} />;
  }
  return <Mark tone="ok" word={forecastShare > 0.9 ? 'Just lasts' : 'Lasts'} isQuiet />;
}

function Unpriced({ models }: { models: BudgetsQuery['unpricedModels'] }) {
  const [first] = models;
  if (first === undefined) return <Empty title="Every model of this time has a price" />;
  return (
    <div class="unpriced">
      <p>What these cost is missing in every figure above, and not counted as nothing.</p>
      <ul>
        {models.map(({ provider, model, decisions, tokens }) => (
          <li key={`${provider} ${model}`}>
            <AgentLine text={model} /> <AgentLine class="quiet-text" text={provider} />
            <span class="number">
              {counted(decisions, 'decision')}, {counted(tokens, 'token')}
            </span>
          </li>
        ))}
      </ul>
      <Copyable text={priceOf(first.model, first.provider)} what="price" />
      <p class="quiet-text">
        Set its price in midwatch.yaml, in US dollars per million tokens; then <code>npx midwatch reprice</code> prices
        what was recorded before.
      </p>
    </div>
  );
}

function priceOf(model: string, provider: string): string {
  const lines = [
    `- model: ${JSON.stringify(model)}`,
    `provider: ${JSON.stringify(provider)}`,
    'input: 0.00',
    'output: 0.00',
  ];
  return `prices:\n  ${lines.join('\n    ')}`;
}
