import { OutcomeMark } from '../../element/mark.js';
import { Empty, Panel } from '../../element/panel.js';
import { TableHead } from '../../element/table-head.js';
import { counted, formatDuration, formatUsd } from '../../figure/format.js';
import { Moment } from '../../figure/moment.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import type { RecentFragment } from './agent.graphql.js';

const SHOWN_MAX = 12;

/** What it decided last, with the shape of each: one bar a step, as tall as it took. */
export function RecentDecisions({ name, decisions }: { name: string; decisions: readonly RecentFragment[] }) {
  return (
    <Panel
      title="Its last decisions"
      aside={
        <Link to="/decisions" slice={{ agents: [name] }}>
          All of them
        </Link>
      }
    >
      {decisions.length === 0 ? (
        <Empty title="It decided nothing in this time" />
      ) : (
        <div class="table-scroll">
          <table class="data-table">
            <TableHead texts={['Started', 'Outcome', 'Request type', 'Steps']} numbers={['Cost', 'Latency']} />
            <tbody>
              {decisions.slice(0, SHOWN_MAX).map((decision) => (
                <tr key={decision.id} data-row>
                  <th scope="row">
                    <Link class="row-link" to={`/decisions/${encodeURIComponent(decision.id)}`}>
                      <Moment at={decision.startedAt} />
                    </Link>
                  </th>
                  <td>
                    <OutcomeMark outcome={decision.outcome} detail={decision.errorType} />
                  </td>
                  <td>
                    <AgentLine text={decision.requestType ?? '–'} />
                  </td>
                  <td>
                    <Strip decision={decision} />
                  </td>
                  <td class="number">{formatUsd(decision.costUsd)}</td>
                  <td class="number">{formatDuration(decision.latencyMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

const STEP_PX = 5;
const STEPS_MAX = 40;
const HEIGHT = 18;

/** Loops and long chains are seen at once where shapes stand under each other. */
function Strip({ decision: { steps, latencyMs } }: { decision: RecentFragment }) {
  const shown = steps.slice(0, STEPS_MAX);
  const failed = steps.filter(({ outcome }) => outcome === 'ERROR').length;
  if (shown.length === 0) return <span class="quiet-text">not kept</span>;
  return (
    <svg
      class="strip"
      width={shown.length * STEP_PX}
      height={HEIGHT}
      role="img"
      aria-label={`${counted(steps.length, 'step')}, ${failed} failed`}
    >
      {shown.map(({ kind, outcome, durationMs }, index) => {
        const height = Math.max(3, Math.min(1, durationMs / Math.max(1, latencyMs)) * HEIGHT);
        return (
          <rect
            key={index}
            class={outcome === 'ERROR' ? 'failed' : kind}
            x={index * STEP_PX}
            y={HEIGHT - height}
            width={STEP_PX - 1}
            height={height}
          />
        );
      })}
    </svg>
  );
}
