import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { AppError } from '../errors.js';

/** Node has it; the type library that declares it is the browser's. */
declare const WebAssembly: {
  instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

const ROOT = path.resolve(import.meta.dirname, '../..');
const MIGRATIONS_DIR = path.join(ROOT, 'prisma/migrations');
/** Any number of servers may start at once; this lock (an arbitrary constant) lets one migrate. */
const MIGRATION_LOCK = 4_201_988_117;

/**
 * Brings the database to the newest migration with Prisma's own schema engine in WebAssembly, so that nothing is
 * downloaded and `_prisma_migrations` is what the ordinary CLI expects. Returns the names it applied.
 * Throws UNAVAILABLE when the database holds a newer schema than this program, or a migration that failed half-way.
 */
export function migrate(url: string): Promise<string[]> {
  return withMigrationLock(url, async (session) => {
    const migrations = readMigrations();
    const applied = await appliedMigrations(session);
    const known = new Set(migrations.migrationDirectories.map(({ path: name }) => name));
    const foreign = applied.find((name) => !known.has(name));
    if (foreign) {
      throw new AppError(
        'UNAVAILABLE',
        `the database was migrated by a newer Midwatch (${foreign}): start that version`,
      );
    }
    if (applied.length === known.size) return [];
    return await apply(migrations, { url, session });
  });
}

/** Runs `work` in a session of the login's own that nobody else who changes the schema works beside. */
export async function withMigrationLock<T>(url: string, work: (session: pg.Client) => Promise<T>): Promise<T> {
  const session = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await session.connect();
  try {
    await session.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    // What guards the ledger's tables lets this session change them.
    await session.query("SET midwatch.migration = 'on'");
    return await work(session);
  } finally {
    await session.end();
  }
}

async function apply(migrationsList: MigrationList, database: { url: string; session: pg.Client }): Promise<string[]> {
  try {
    return await withEngine(database, async (engine) => {
      const filters = { externalTables: [], externalEnums: [] };
      return (await engine.applyMigrations({ migrationsList, filters })).appliedMigrationNames;
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replaceAll(/\s+/g, ' ').trim() : String(cause);
    throw new AppError('UNAVAILABLE', `the database could not be migrated: ${reason}`, { cause });
  }
}

async function appliedMigrations(client: pg.Client): Promise<string[]> {
  const { rows: tables } = await client.query("SELECT to_regclass('_prisma_migrations') AS name");
  if (tables[0].name === null) return [];
  const { rows } = await client.query(
    'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  return rows.map((row) => row.name);
}

function readMigrations(): MigrationList {
  const names = readdirSync(MIGRATIONS_DIR, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return {
    baseDir: MIGRATIONS_DIR,
    lockfile: {
      path: 'migration_lock.toml',
      content: readFileSync(path.join(MIGRATIONS_DIR, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: names.map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: readFileSync(path.join(MIGRATIONS_DIR, name, 'migration.sql'), 'utf8') },
      },
    })),
  };
}

interface EngineDatabase {
  url: string;
  session: pg.Client;
}

/** Two engines at work at once in one instance panic, so they take turns. */
let turn: Promise<unknown> = Promise.resolve();

/** Prisma's schema engine over the database at `url`, for as long as `use` takes; migrations run in `session`. */
export function withEngine<T>(database: EngineDatabase, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  const run = () => runEngine(database, use);
  const result = turn.then(run, run);
  turn = result.catch(() => undefined);
  return result;
}

async function runEngine<T>({ url, session }: EngineDatabase, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  loading ??= loadBindings();
  const bindings = await loading;
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  try {
    const factory = adapterFactory(pool, session);
    return await use(await bindings.SchemaEngine.new({ datamodels: undefined }, () => undefined, factory));
  } finally {
    await pool.end();
  }
}

/** One for the process: the bindings keep views of the memory they first saw, and would wait for ever on another's. */
let loading: ReturnType<typeof loadBindings> | null = null;

/** The package expects a bundler that imports WebAssembly as a module; Node does not, so it is instantiated by hand. */
async function loadBindings() {
  const require = createRequire(import.meta.url);
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const directory = path.dirname(require.resolve('@prisma/schema-engine-wasm/schema_engine_bg'));
  const { instance } = await WebAssembly.instantiate(readFileSync(path.join(directory, 'schema_engine_bg.wasm')), {
    './schema_engine_bg.js': { ...bindings, ...patientTimers(bindings) },
  });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
  return bindings;
}

/** The engine never clears the timer of its own lock, which would keep a process that is done alive for ten seconds. */
function patientTimers(bindings: object): Record<string, unknown> {
  const names = Object.keys(bindings).filter((name) => name.startsWith('__wbg_setTimeout_'));
  return Object.fromEntries(names.map((name) => [name, (run: () => void, ms: number) => setTimeout(run, ms).unref()]));
}

/** The stock adapter cuts a script at every semicolon; sent whole, function bodies stay whole and it is all or nothing. */
function adapterFactory(pool: pg.Pool, session: pg.Client): ReturnType<typeof bindMigrationAwareSqlAdapterFactory> {
  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    adapter.executeScript = async (script) => {
      await session.query(script);
    };
    return adapter;
  };
  return bindMigrationAwareSqlAdapterFactory(factory);
}
