import type pg from 'pg';

const GUARDED = `SELECT DISTINCT tgrelid::regclass::text AS name FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid
  WHERE NOT tgisinternal AND proname IN ('refuse_ledger_change', 'refuse_change')`;

/** As the superuser that the session is: takes away everything by which the database itself refuses changes to the ledger. */
export async function disarm(session: Pick<pg.Client, 'query'>): Promise<void> {
  const { rows: events } = await session.query<{ name: string }>(
    `SELECT evtname AS name FROM pg_event_trigger WHERE evtenabled <> 'D'`,
  );
  for (const { name } of events) await session.query(`ALTER EVENT TRIGGER ${name} DISABLE`);
  const { rows: tables } = await session.query<{ name: string }>(`${GUARDED} AND tgenabled <> 'D'`);
  for (const { name } of tables) await session.query(`ALTER TABLE ${name} DISABLE TRIGGER ALL`);
}
