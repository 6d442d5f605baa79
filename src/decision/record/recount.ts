import type { Client, Pool } from '../../db/pool.js';
import { inTransaction } from '../../db/pool.js';
import type { FigureWriter } from '../../metric/write.js';
import { callContributionOf, contributionsOf } from './figures.js';
import { figuresOfRow, MEASURED_COLUMNS, type MeasuredRow } from './measured-row.js';

/** The ledger says whether a fleet ever had decisions: the table of decisions would open every partition at every start. */
const UNCOUNTED_FLEETS = `
  SELECT id FROM fleet WHERE EXISTS (SELECT FROM ledger_entry WHERE fleet_id = fleet.id)
    AND NOT EXISTS (SELECT FROM metric_slice WHERE fleet_id = fleet.id AND source = 'DECISIONS')`;
const ROWS = `
  SELECT parent.agent AS caller, ${MEASURED_COLUMNS.map((column) => `d.${column}`).join(', ')} FROM decision d
  LEFT JOIN decision parent ON parent.fleet_id = d.fleet_id AND parent.id = d.parent_id
  WHERE d.fleet_id = $1`;
const ROWS_MAX = 5_000;

/**
 * Counts the decisions of fleets that were sealed before there were figures, each fleet whole or not at all. Only a start may
 * call it, before anything is sealed. Returns how many decisions were counted.
 */
export async function countUncounted(pool: Pool, writer: FigureWriter): Promise<number> {
  const { rows } = await pool.query<{ id: string }>(UNCOUNTED_FLEETS);
  let counted = 0;
  for (const { id } of rows) {
    counted += await inTransaction(pool, (client) => countFleet(client, id, writer)).catch((error: unknown) => {
      writer.forget(id);
      throw error;
    });
  }
  return counted;
}

async function countFleet(client: Client, fleet: string, writer: FigureWriter): Promise<number> {
  await client.query(`DECLARE uncounted NO SCROLL CURSOR FOR ${ROWS}`, [fleet]);
  for (let counted = 0; ; ) {
    const { rows } = await client.query<MeasuredRow & { caller: string | null }>(`FETCH ${ROWS_MAX} FROM uncounted`);
    const contributions = rows.flatMap((row) => {
      const figures = figuresOfRow(row);
      const own = contributionsOf(figures, 1);
      return row.caller === null ? own : [...own, callContributionOf(figures, row.caller, 1)];
    });
    await writer.write(client, fleet, contributions);
    counted += rows.length;
    if (rows.length < ROWS_MAX) return counted;
  }
}
