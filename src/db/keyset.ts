import { keysetOrder, type Page, type PageRequest, toPage } from './page.js';
import type { Pool } from './pool.js';

/** Rows of one fleet, listed by one column. All of it but the parameters is the program's own text, never input. */
export interface KeysetList<Key> {
  fleet: string;
  table: string;
  /** By which the other texts name the table. */
  alias: string;
  /** The column that orders the list, unique in the fleet, and its type. */
  key: { column: string; type: 'bigint' | 'text' };
  order: 'ascending' | 'descending';
  /** What is read of a row, the key's column under its own name among it. */
  selection: string;
  /** Which rows: SQL whose parameters begin with `$4`. */
  conditions: string;
  parameters: readonly unknown[];
  page: PageRequest<Key>;
}

/** One page of the list, and whether there is more on either side of it, in one statement. */
export async function readKeysetPage<Row extends object, Key>(pool: Pool, list: KeysetList<Key>): Promise<Page<Row>> {
  const { table, alias, key, order, selection, page } = list;
  const { ahead, sort, behind, sortBehind } = keysetOrder(order, page.direction);
  const place = `${alias}.${key.column}`;
  const listed = `FROM ${table} ${alias} WHERE ${alias}.fleet_id = $1 AND ${list.conditions}`;
  const { rows } = await pool.query<Row & { hasRowsBehind: boolean }>(
    `SELECT behind.exists AS "hasRowsBehind", page.*
     FROM (SELECT (
       SELECT TRUE ${listed} AND ${place} ${behind} $2 ORDER BY ${place} ${sortBehind} LIMIT 1
     ) IS NOT NULL AS exists) behind
     LEFT JOIN (
       SELECT ${selection} ${listed} AND ($2::${key.type} IS NULL OR ${place} ${ahead} $2) ORDER BY ${place} ${sort} LIMIT $3
     ) page ON TRUE
     ORDER BY page.${key.column} ${order === 'ascending' ? 'ASC' : 'DESC'}`,
    [list.fleet, page.beyond, page.limit + 1, ...list.parameters],
  );
  // An empty page still has a row, which says what lies behind the cursor.
  const found = rows.filter((row) => row[key.column as keyof typeof row] !== null);
  return toPage<Row, Key>(found, page, rows[0]?.hasRowsBehind ?? false);
}
