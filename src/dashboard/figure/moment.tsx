import { nowMs } from './clock.js';
import { formatAge, formatMoment, formatWhole } from './format.js';

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
  const age = formatAge(nowMs.value - Date.parse(at));
  return (
    <time dateTime={at} title={formatWhole(new Date(at))}>
      {age === 'now' ? 'just now' : `${age} ago`}
    </time>
  );
}
