import { pino } from 'pino';
import type { Config } from './config.js';

export type Log = pino.Logger;

/** JSON lines on stderr. Content, tokens and keys are never passed to it; the redaction list is a backstop. */
export function createLog(level: Config['logLevel']): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['authorization', '*.authorization', 'token', 'key', 'password', '*.password', 'databaseUrl'],
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
