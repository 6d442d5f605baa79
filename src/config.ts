import path from 'node:path';
import { z } from 'zod';
import { AppError } from './errors.js';

/** Where the settings are looked for when `MIDWATCH_CONFIG` names no file. */
export const DEFAULT_CONFIG_FILE = 'midwatch.yaml';

const SEED_BYTES = 32;

function parseSeed(text: string): Buffer | null {
  const seed = Buffer.from(text, 'base64');
  return seed.length === SEED_BYTES && seed.toString('base64') === text ? seed : null;
}

/** The only place that reads the environment. */
const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' }).optional(),
  MIDWATCH_DATA_DIR: z.string().min(1).default('.midwatch'),
  MIDWATCH_CONFIG: z.string().min(1).default(DEFAULT_CONFIG_FILE),
  MIDWATCH_JWKS_URL: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional(),
  MIDWATCH_JWT_ISSUER: z.string().min(1).optional(),
  MIDWATCH_JWT_AUDIENCE: z.string().min(1).optional(),
  MIDWATCH_OIDC_CLIENT_ID: z.string().min(1).optional(),
  MIDWATCH_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  MIDWATCH_OIDC_SCOPE: z.string().min(1).default('openid'),
  MIDWATCH_LEDGER_KEY: z
    .string()
    .refine(
      (text) => parseSeed(text) !== null,
      'must be 32 random bytes in base64, as openssl rand -base64 32 prints them',
    )
    .optional(),
  MIDWATCH_LEDGER_POLICY: z.string().min(1).optional(),
  MIDWATCH_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  MIDWATCH_SETTLE_MS: z.coerce.number().int().min(100).max(3_600_000).default(30_000),
});

export interface IdentityProvider {
  jwksUrl: string;
  issuer: string;
  audience: string;
  /** As which people sign in to the dashboard; null: they cannot, and tokens are sent alone. */
  client: OidcClient | null;
}

export interface OidcClient {
  id: string;
  /** Null for a public client, which PKCE alone protects. */
  secret: string | null;
  /** Space-separated, `openid` among them. */
  scope: string;
}

export interface Config {
  port: number;
  host: string;
  /** Null: the embedded PostgreSQL. */
  databaseUrl: string | null;
  dataDir: string;
  configFile: string;
  /** The company's own identity provider; null when none is configured. */
  identityProvider: IdentityProvider | null;
  /** The Ed25519 seed that checkpoints of the ledger are signed with; null where it is kept in the data directory. */
  ledgerKey: Buffer | null;
  /** The C2SP tlog-policy that names the ledger's witnesses; null when there are none. */
  ledgerPolicyFile: string | null;
  logLevel: z.infer<typeof environment>['MIDWATCH_LOG_LEVEL'];
  /** How long a trace whose root is missing may stay silent before it is settled without it. */
  settleMs: number;
}

/** Reads the settings of CONTRACT section 2. Throws VALIDATION_FAILED with one line that names the variable. */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(present);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AppError('VALIDATION_FAILED', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  const values = parsed.data;
  return Object.freeze({
    port: values.PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL ?? null,
    dataDir: path.resolve(values.MIDWATCH_DATA_DIR),
    configFile: path.resolve(values.MIDWATCH_CONFIG),
    identityProvider: readIdentityProvider(values),
    ledgerKey: values.MIDWATCH_LEDGER_KEY === undefined ? null : parseSeed(values.MIDWATCH_LEDGER_KEY),
    ledgerPolicyFile: values.MIDWATCH_LEDGER_POLICY === undefined ? null : path.resolve(values.MIDWATCH_LEDGER_POLICY),
    logLevel: values.MIDWATCH_LOG_LEVEL,
    settleMs: values.MIDWATCH_SETTLE_MS,
  });
}

/** What a variable that the settings name holds; undefined where it is not set. Nothing keeps it. */
export function readSecret(variable: string): string | undefined {
  return process.env[variable];
}

function readIdentityProvider(values: z.infer<typeof environment>): IdentityProvider | null {
  const { MIDWATCH_JWKS_URL: jwksUrl, MIDWATCH_JWT_ISSUER: issuer, MIDWATCH_JWT_AUDIENCE: audience } = values;
  const client = readOidcClient(values);
  if (jwksUrl === undefined) {
    const given = { MIDWATCH_JWT_ISSUER: issuer, MIDWATCH_JWT_AUDIENCE: audience, MIDWATCH_OIDC_CLIENT_ID: client };
    const [present] = Object.entries(given).find(([, value]) => value !== undefined && value !== null) ?? [];
    if (present === undefined) return null;
    throw new AppError('VALIDATION_FAILED', `MIDWATCH_JWKS_URL: required when ${present} is set`);
  }
  if (issuer === undefined || audience === undefined) {
    const missing = issuer === undefined ? 'MIDWATCH_JWT_ISSUER' : 'MIDWATCH_JWT_AUDIENCE';
    throw new AppError('VALIDATION_FAILED', `${missing}: required when MIDWATCH_JWKS_URL is set`);
  }
  return { jwksUrl, issuer, audience, client };
}

function readOidcClient({
  MIDWATCH_OIDC_CLIENT_ID: id,
  MIDWATCH_OIDC_CLIENT_SECRET: secret,
  MIDWATCH_OIDC_SCOPE: scope,
}: z.infer<typeof environment>): OidcClient | null {
  if (id === undefined) {
    if (secret === undefined) return null;
    throw new AppError(
      'VALIDATION_FAILED',
      'MIDWATCH_OIDC_CLIENT_ID: required when MIDWATCH_OIDC_CLIENT_SECRET is set',
    );
  }
  if (!scope.split(' ').includes('openid')) {
    throw new AppError('VALIDATION_FAILED', 'MIDWATCH_OIDC_SCOPE: has to have openid among its scopes');
  }
  return { id, secret: secret ?? null, scope };
}
