import { useState } from 'preact/hooks';
import { windowOf } from '../route/range.js';
import { changeSlice, slice } from '../route/slice.js';

/** From when to when, by the reader’s clock. */
export function OwnRange({ onChosen }: { onChosen: () => void }) {
  const { fromMs, toMs } = windowOf(slice.value.range, Date.now());
  const [from, setFrom] = useState(toLocal(fromMs));
  const [to, setTo] = useState(toLocal(toMs));
  const isOrdered = Date.parse(from) < Date.parse(to);
  return (
    <form
      class="own-range"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isOrdered) return;
        changeSlice({ range: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } });
        onChosen();
      }}
    >
      <label>
        From
        <input type="datetime-local" value={from} required onInput={(event) => setFrom(event.currentTarget.value)} />
      </label>
      <label>
        To
        <input type="datetime-local" value={to} required onInput={(event) => setTo(event.currentTarget.value)} />
      </label>
      {!isOrdered && <p role="alert">The beginning has to be before the end.</p>}
      <button type="submit" disabled={!isOrdered}>
        Show this time
      </button>
    </form>
  );
}

/** As `datetime-local` has it: without a zone, to the minute. */
function toLocal(ms: number): string {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
