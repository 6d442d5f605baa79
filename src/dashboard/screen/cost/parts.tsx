import { Panel } from '../../element/panel.js';
import { type Column, Headers, useOrder } from '../../element/sortable.js';
import { formatCount, formatShare, formatUsd } from '../../figure/format.js';
import { changeSlice, slice } from '../../route/slice.js';
import { AgentLine } from '../../text/agent-text.js';
import type { By } from './by.js';
import type { CostQuery, SpentFragment } from './cost.graphql.js';

interface Part {
  name: string;
  isFolded: boolean;
  costUsd: number | null;
  share: number | null;
  decisions: number;
  averageUsd: number | null;
  tokens: number | null;
}

const COLUMNS: readonly Column<Part>[] = [
  { name: 'name', title: 'Name', value: ({ name }) => name },
  { name: 'cost', title: 'Spent', isNumber: true, value: ({ costUsd }) => costUsd },
  { name: 'share', title: 'Of all', isNumber: true, value: ({ share }) => share },
  { name: 'decisions', title: 'Decisions', isNumber: true, value: ({ decisions }) => decisions },
  { name: 'average', title: 'A decision', isNumber: true, value: ({ averageUsd }) => averageUsd },
  { name: 'tokens', title: 'Tokens', isNumber: true, value: ({ tokens }) => tokens },
];

/** What is spent, taken apart; a part that the slice can be narrowed to is a button that does. */
export function Parts({ data, by }: { data: CostQuery; by: By }) {
  const parts = partsOf(data);
  const { sorted, order, setOrder } = useOrder(parts, COLUMNS, { by: 'cost', isDown: true });
  if (parts.length === 0) return null;
  return (
    <Panel title={`By ${by.word.toLowerCase()}`} aside={`${sorted.length} in all`}>
      <section class="table-scroll" aria-label={`Cost by ${by.word.toLowerCase()}`} tabIndex={0}>
        <table class="data-table parts">
          <Headers columns={COLUMNS} order={order} onOrder={setOrder} />
          <tbody>
            {sorted.map((part) => (
              <tr key={part.name} data-row>
                <th scope="row">
                  <Name part={part} by={by} />
                </th>
                <td class="number">{formatUsd(part.costUsd)}</td>
                <td class="number of-all">
                  <span style={{ width: `${(part.share ?? 0) * 100}%` }} />
                  {part.share === null ? '–' : formatShare(part.share)}
                </td>
                <td class="number">{formatCount(part.decisions)}</td>
                <td class="number">{formatUsd(part.averageUsd)}</td>
                <td class="number">{formatCount(part.tokens)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Panel>
  );
}

function Name({ part: { name, isFolded }, by: { facet } }: { part: Part; by: By }) {
  if (name === '') return <span class="quiet-text">unknown</span>;
  if (facet === null || isFolded || slice.value[facet].includes(name)) return <AgentLine text={name} />;
  return (
    <button type="button" class="row-link" onClick={() => changeSlice({ [facet]: [name] })}>
      <AgentLine text={name} />
    </button>
  );
}

function partsOf({ parts, decisions, averages, tokens, total }: CostQuery): Part[] {
  const of = (series: readonly SpentFragment[], name: string) =>
    series.find(({ labels }) => labels[0]?.value === name)?.value ?? null;
  const all = total[0]?.value ?? 0;
  return decisions.flatMap(({ labels: [label], value }) => {
    if (label === undefined) return [];
    const costUsd = of(parts, label.value);
    return [
      {
        name: label.value,
        isFolded: label.isFolded,
        costUsd,
        share: costUsd === null || all === 0 ? null : costUsd / all,
        decisions: value ?? 0,
        averageUsd: of(averages, label.value),
        tokens: of(tokens, label.value),
      },
    ];
  });
}
