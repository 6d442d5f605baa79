import { Empty, Panel } from '../../element/panel.js';
import { TableHead } from '../../element/table-head.js';
import { counted, formatDuration } from '../../figure/format.js';
import { AgentLine } from '../../text/agent-text.js';
import type { RecentFragment } from './agent.graphql.js';

/** What it called in its last decisions, as far as their steps were kept. */
export function Tools({ decisions }: { decisions: readonly RecentFragment[] }) {
  const tools = toolsOf(decisions);
  return (
    <Panel title="Tools" aside={`in its last ${counted(decisions.length, 'decision')}`}>
      {tools.length === 0 ? (
        <Empty title="It called no tools" />
      ) : (
        <div class="table-scroll" tabIndex={0}>
          <table class="data-table">
            <TableHead texts={['Tool']} numbers={['Calls', 'Failed', 'Median']} />
            <tbody>
              {tools.map(({ name, durationsMs, failed }) => (
                <tr key={name}>
                  <th scope="row">
                    <AgentLine class="tool-name" text={name} />
                  </th>
                  <td class="number">{durationsMs.length}</td>
                  <td class={failed > 0 ? 'number failed-text' : 'number'}>{failed}</td>
                  <td class="number">{formatDuration(median(durationsMs))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

interface Tool {
  name: string;
  durationsMs: number[];
  failed: number;
}

function toolsOf(decisions: readonly RecentFragment[]): Tool[] {
  const byName = new Map<string, Tool>();
  for (const { steps } of decisions) {
    for (const { toolName, durationMs, outcome } of steps) {
      if (toolName === null) continue;
      const tool = byName.get(toolName) ?? { name: toolName, durationsMs: [], failed: 0 };
      tool.durationsMs.push(durationMs);
      if (outcome === 'ERROR') tool.failed += 1;
      byName.set(toolName, tool);
    }
  }
  return [...byName.values()].sort((one, other) => other.durationsMs.length - one.durationsMs.length);
}

function median(values: readonly number[]): number | null {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? null;
}
