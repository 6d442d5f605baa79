import type { Client } from 'pg';
import type { Log } from '../../log.js';
import { INSUFFICIENT_PRIVILEGE, sqlStateOf } from './sql-state.js';

const NAMES = { midwatch_guard_alter: 'ddl_command_end', midwatch_guard_drop: 'sql_drop' };

/**
 * Has the database refuse that the ledger's tables be altered or dropped by the way: by event triggers, which only a superuser
 * makes. Those that are there stay as they are.
 */
export async function guardSchema(session: Client, log: Log): Promise<void> {
  const { rows } = await session.query<{ name: string; enabled: string }>(
    'SELECT evtname AS name, evtenabled AS enabled FROM pg_event_trigger WHERE evtname = ANY($1)',
    [Object.keys(NAMES)],
  );
  const missing = Object.entries(NAMES).filter(([name]) => !rows.some((row) => row.name === name));
  const disabled = rows.filter(({ enabled }) => enabled !== 'A').map(({ name }) => name);
  if (disabled.length > 0)
    log.warn({ triggers: disabled }, 'event triggers that guard the ledger are not enabled always');
  if (missing.length === 0) return;
  try {
    await session.query(
      [
        // It runs as whoever changes the schema, a superuser for instance: it is not for others to change.
        'ALTER FUNCTION public.refuse_ledger_ddl() OWNER TO CURRENT_USER',
        ...missing.flatMap(([name, event]) => [
          `CREATE EVENT TRIGGER ${name} ON ${event} EXECUTE FUNCTION public.refuse_ledger_ddl()`,
          `ALTER EVENT TRIGGER ${name} ENABLE ALWAYS`,
        ]),
      ].join(';'),
    );
  } catch (error) {
    if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    log.info('no event triggers guard the ledger’s tables: only a superuser makes them (docs/OPERATIONS.md)');
  }
}
