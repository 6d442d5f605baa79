import { Mark } from '../../element/mark.js';
import type { LedgerLevel } from './ledger.graphql.js';

const LEVELS = {
  SEALED: { tone: 'info', word: 'Sealed' },
  PUBLISHED: { tone: 'ok', word: 'Published' },
  WITNESSED: { tone: 'ok', word: 'Witnessed' },
} as const;

/** How much there is to hold an entry to. */
export function LevelMark({ level }: { level: LedgerLevel }) {
  return <Mark {...LEVELS[level]} isQuiet />;
}
