import { nowMs } from './clock.js';
import { agoOf, formatMoment, formatWhole } from './format.js';

/** A point in time, in the reader’s zone. */
export function Moment({ at }: { at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={formatWhole(date)}>
      {formatMoment(date)}
    </time>
  );
}

/** How long ago something was, counting on. */
export function Age({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatWhole(new Date(at))}>
      {agoOf(nowMs.value - Date.parse(at))}
    </time>
  );
}
