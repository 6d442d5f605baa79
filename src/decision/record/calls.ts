import type { Client } from '../../db/pool.js';
import type { Contribution } from '../../metric/figures.js';
import { callContributionOf } from './figures.js';
import { figuresOfRow, MEASURED_COLUMNS, type MeasuredRow } from './measured-row.js';
import type { RewrittenDays } from './rewritten-days.js';

const CHILD_COLUMNS = MEASURED_COLUMNS.map((column) => `child.${column}`).join(', ');
const callsWhere = (condition: string) => `
  SELECT parent.agent AS caller, child.id, ${CHILD_COLUMNS} FROM decision child
  JOIN decision parent ON parent.fleet_id = child.fleet_id AND parent.id = child.parent_id
    AND parent.sealed_on BETWEEN $3::date AND $4::date
  WHERE child.fleet_id = $1 AND child.sealed_on BETWEEN $3::date AND $4::date AND ${condition}`;
const CALLS = `
  ${callsWhere('child.id = ANY($2) AND child.parent_id IS NOT NULL')}
  UNION ALL
  ${callsWhere('child.parent_id = ANY($2) AND child.id <> ALL($2)')}`;

/**
 * The calls between agents of which one side is among these decisions and both are recorded, as contributions: read before
 * rows change and after, the difference is what the change made of them.
 */
export async function readCalls(
  client: Client,
  { fleet, days, sign }: { fleet: string; days: RewrittenDays; sign: 1 | -1 },
  ids: readonly string[],
): Promise<Contribution[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<MeasuredRow & { caller: string }>(CALLS, [fleet, ids, days.first, days.last]);
  return rows.map((row) => callContributionOf(figuresOfRow(row), row.caller, sign));
}
