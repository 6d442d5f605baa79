import { formatChange, formatCount, formatDuration, formatShare, formatUsd } from '../figure/format.js';
import './data-table.css';

export interface Came {
  decisions: number;
  errorRate: number;
  latencyP95Ms: number | null;
  tokensPerDecision: number | null;
  costPerDecisionUsd: number | null;
  toolSuccessRate: number | null;
}

const ROWS = [
  { title: 'Decisions', value: ({ decisions }: Came) => decisions, format: formatCount, worse: 0 },
  { title: 'Failed', value: ({ errorRate }: Came) => errorRate, format: formatShare, worse: 1 },
  { title: '95th percentile', value: ({ latencyP95Ms }: Came) => latencyP95Ms, format: formatDuration, worse: 1 },
  {
    title: 'Tokens a decision',
    value: ({ tokensPerDecision }: Came) => tokensPerDecision,
    format: formatCount,
    worse: 1,
  },
  {
    title: 'Cost a decision',
    value: ({ costPerDecisionUsd }: Came) => costPerDecisionUsd,
    format: formatUsd,
    worse: 1,
  },
  { title: 'Tools succeed', value: ({ toolSuccessRate }: Came) => toolSuccessRate, format: formatShare, worse: -1 },
] as const;

const WORSE_BY = 0.1;

/** The same figures before and after something, and how they changed. */
export function ChangeTable({ before, after, label }: { before: Came; after: Came; label: string }) {
  return (
    <table class="data-table" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">
            <span class="visually-hidden">Figure</span>
          </th>
          <th scope="col" class="number">
            Before
          </th>
          <th scope="col" class="number">
            After
          </th>
          <th scope="col" class="number">
            Change
          </th>
        </tr>
      </thead>
      <tbody>
        {ROWS.map(({ title, value, format, worse }) => {
          const [was, is] = [value(before), value(after)];
          const isWorse = was !== null && is !== null && was > 0 && (is / was - 1) * worse > WORSE_BY;
          return (
            <tr key={title}>
              <th scope="row">{title}</th>
              <td class="number">{format(was)}</td>
              <td class="number">{format(is)}</td>
              <td class={isWorse ? 'number failed-text' : 'number quiet-text'}>
                {isWorse && <span class="visually-hidden">worse: </span>}
                {formatChange(is, was) ?? '–'}
                {isWorse && <span aria-hidden="true"> ▲</span>}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
