import { connection, heardAtMs } from '../data/live.js';
import { nowMs } from '../figure/clock.js';
import { agoOf } from '../figure/format.js';
import './live-badge.css';

const WORDS = { connecting: 'Connecting', live: 'Live', reconnecting: 'Reconnecting', refused: 'Signed out' } as const;
/** Heartbeats come every ten seconds: what is not much older is as good as now. */
const FRESH_MS = 20_000;

/** Whether what is on the screen follows what happens, and how old it is where it does not. */
export function LiveBadge() {
  const state = connection.value;
  if (state === 'idle') return null;
  const ageMs = nowMs.value - heardAtMs.value;
  const isOld = heardAtMs.value > 0 && (state !== 'live' || ageMs > FRESH_MS);
  return (
    <p class={`live-badge ${state}`} role="status" aria-label="Connection">
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        <circle cx="6" cy="6" r={state === 'live' ? 3.5 : 4} />
      </svg>
      <span class="state">{WORDS[state]}</span>
      {isOld && <span class="age">as of {agoOf(ageMs)}</span>}
    </p>
  );
}
