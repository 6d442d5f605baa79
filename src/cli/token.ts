import { parseFleetId } from '../access/fleet-id.js';
import { issueToken } from '../access/issue.js';
import { loadInstallationKey } from '../access/keys.js';
import { TOKEN_AGE_MAX_MS, type TokenGrant } from '../access/token.js';
import { systemClock } from '../clock.js';
import { readConfig } from '../config.js';
import { AppError } from '../errors.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time.js';
import { type Command, JSON_OPTION } from './command.js';
import { printJson, printLine, tell } from './output.js';
import { parseRole } from './role.js';
import { withDatabase } from './with-database.js';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

export const token: Command = {
  name: 'token',
  summary:
    "Print a token signed with this installation's own key, and seal in each ledger it opens that it was issued.",
  positionals: [],
  options: {
    role: { value: 'ROLE', isRepeatable: true, help: 'INGEST, VIEWER, OPERATOR, AUDITOR or ADMIN; ADMIN if left out.' },
    fleet: { value: 'ID', isRepeatable: true, help: 'A fleet the token opens; every fleet if left out.' },
    subject: {
      value: 'NAME',
      help: 'Who it is for: people who approve of each other are told apart by it; cli if left out.',
    },
    ttl: { value: 'TIME', help: 'How long it is valid, as in 90s, 30m, 12h, 7d; at most 30d; 12h if left out.' },
    json: JSON_OPTION,
  },
  run: async (input) => {
    const roles = input.values('role').map(parseRole);
    const fleets = input.values('fleet').map((id) => parseFleetId(id, '--fleet'));
    const ttlMs = parseTtl(input.value('ttl') ?? '12h');
    const grant: TokenGrant = {
      roles: roles.length > 0 ? roles : ['ADMIN'],
      fleets: fleets.length > 0 ? fleets : '*',
      ttlMs,
      subject: parseSubject(input.value('subject') ?? 'cli'),
    };
    const key = await loadInstallationKey(readConfig().dataDir);
    const issued = withDatabase((pool) => issueToken({ pool, key, clock: systemClock }, { grant, actor: 'cli' }));
    const { token: jwt, owingFleets } = await issued;
    if (input.has('json')) printJson({ token: jwt });
    else printLine(jwt);
    if (owingFleets.length > 0) tell(`owed where the ledger stands still: ${owingFleets.join(', ')}`);
    return 0;
  },
};

/** API keys are called `key:<id>`: nobody else is. */
function parseSubject(name: string): string {
  if (/^\P{Cc}{1,100}$/u.test(name) && !name.startsWith('key:')) return name;
  throw new AppError('VALIDATION_FAILED', '--subject: 1 to 100 printable characters that do not begin with key:');
}

/** Milliseconds of a time such as `12h`. */
function parseTtl(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? [];
  const ttlMs = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  if (ttlMs <= TOKEN_AGE_MAX_MS) return ttlMs;
  throw new AppError(
    'VALIDATION_FAILED',
    `--ttl: ${JSON.stringify(text)} is not a time from 1s to 30d, such as 12h; a machine that needs longer takes an API key`,
  );
}
