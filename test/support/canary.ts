import pg from 'pg';

/**
 * Where a text is still to be read in a database: every row of every table that a superuser can read, the catalogue and
 * the planner's statistics among them, as text and as the hex of bytes. `table: row`, cut.
 */
export async function findCanary(url: string, canary: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
       WHERE relkind IN ('r', 'm') AND nspname <> 'information_schema' ORDER BY 1`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(
        `SELECT row::text AS row FROM ${name} AS row
         WHERE position($1 IN row::text) > 0 OR position($2 IN row::text) > 0`,
        [canary, Buffer.from(canary).toString('hex')],
      );
      found.push(...rows.map(({ row }) => `${name}: ${row.slice(0, 300)}`));
    }
    return found;
  } finally {
    await client.end();
  }
}
