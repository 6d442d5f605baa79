import { Mark } from '../../element/mark.js';
import type { AlertState } from './alerts.graphql.js';

const STATES = {
  PENDING: { tone: 'warning', word: 'Pending' },
  FIRING: { tone: 'critical', word: 'Firing' },
  RESOLVED: { tone: 'ok', word: 'Resolved' },
  INACTIVE: { tone: 'info', word: 'Withdrawn' },
} as const;

/** Where an alert stands. What somebody has taken on is quiet. */
export function StateMark({ state, isTaken = false }: { state: AlertState; isTaken?: boolean }) {
  const { tone, word } = STATES[state];
  return <Mark tone={tone} word={word} isQuiet={isTaken || state === 'RESOLVED' || state === 'INACTIVE'} />;
}
