import type { Client } from 'pg';
import type { KnownRoles } from './make.js';
import { RECORDER_SEQUENCES, type Rights, ROLE, rightsOn, TABLE_NAMES, type Worker } from './rights.js';

const PRIVILEGES: Record<string, string> = { S: 'SELECT', I: 'INSERT', U: 'UPDATE', D: 'DELETE' };
const LETTERS = Object.keys(PRIVILEGES);

/** What a role may do with a table now. */
interface Held {
  table: string;
  role: string;
  rights: Rights;
}

const HELD = `
  SELECT t.name AS table, r.name AS role, coalesce(string_agg(p.letter, ''), '') AS rights
  FROM unnest($1::text[]) AS t (name) CROSS JOIN unnest($2::text[]) AS r (name)
  LEFT JOIN unnest($3::text[], $4::text[]) AS p (letter, privilege)
    ON has_table_privilege(r.name, to_regclass(format('public.%I', t.name)), p.privilege)
  WHERE to_regclass(format('public.%I', t.name)) IS NOT NULL
  GROUP BY t.name, r.name`;

/**
 * The statements that give the roles what they may do, and take what they may not: none where all is as it should be. Tables that
 * rights.ts does not name are as their migrations left them.
 */
export async function findGrantsDue(session: Client, { existing, takenOn }: KnownRoles): Promise<string[]> {
  const workers = (['server', 'recorder'] as const).filter((worker) => existing.has(ROLE[worker]));
  const isAlone = !existing.has(ROLE.recorder) || (takenOn.has(ROLE.server) && !takenOn.has(ROLE.recorder));
  const { rows } = await session.query<Held>(HELD, [
    TABLE_NAMES,
    workers.map((worker) => ROLE[worker]),
    LETTERS,
    Object.values(PRIVILEGES),
  ]);
  const due = rows.flatMap((held) => {
    const worker: Worker = held.role === ROLE.recorder ? 'recorder' : 'server';
    return differences(held, rightsOn(held.table, worker, isAlone));
  });
  if (existing.has(ROLE.recorder)) due.push(...(await recorderExtras(session)));
  if (existing.has(ROLE.reader)) due.push(...(await readerGrants(session)));
  return due;
}

function differences({ table, role, rights }: Held, wanted: Rights): string[] {
  const missing = LETTERS.filter((letter) => wanted.includes(letter) && !rights.includes(letter));
  const surplus = LETTERS.filter((letter) => rights.includes(letter) && !wanted.includes(letter));
  const names = (letters: readonly string[]) => letters.map((letter) => PRIVILEGES[letter]).join(', ');
  return [
    ...(missing.length === 0 ? [] : [`GRANT ${names(missing)} ON "${table}" TO ${role}`]),
    ...(surplus.length === 0 ? [] : [`REVOKE ${names(surplus)} ON "${table}" FROM ${role}`]),
  ];
}

async function recorderExtras(session: Client): Promise<string[]> {
  const { rows } = await session.query<{ missing: boolean }>(
    `SELECT bool_or(NOT has_sequence_privilege($1::text, format('public.%I', name), 'USAGE')) AS missing
     FROM unnest($2::text[]) AS name`,
    [ROLE.recorder, RECORDER_SEQUENCES],
  );
  if (rows[0]?.missing !== true) return [];
  const sequences = RECORDER_SEQUENCES.map((name) => `"${name}"`).join(', ');
  return [
    `GRANT USAGE ON SCHEMA public TO ${ROLE.recorder}`,
    `GRANT USAGE ON SEQUENCE ${sequences} TO ${ROLE.recorder}`,
  ];
}

async function readerGrants(session: Client): Promise<string[]> {
  const { rows } = await session.query<{ missing: boolean }>(
    `SELECT NOT has_schema_privilege($1::text, 'reader', 'USAGE') OR EXISTS (
       SELECT FROM pg_class WHERE relnamespace = 'reader'::regnamespace AND relkind = 'v'
         AND NOT has_table_privilege($1::text, oid, 'SELECT')) AS missing`,
    [ROLE.reader],
  );
  if (rows[0]?.missing !== true) return [];
  return [
    `GRANT USAGE ON SCHEMA reader TO ${ROLE.reader}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA reader TO ${ROLE.reader}`,
  ];
}
