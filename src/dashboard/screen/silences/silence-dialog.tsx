import { useEffect, useRef, useState } from 'preact/hooks';
import { useAct } from '../../data/use-act.js';
import { useQuery } from '../../data/use-query.js';
import { Icon } from '../../element/icon.js';
import { RefusalNotice } from '../../element/refusal.js';
import { fleet } from '../../route/slice.js';
import { covers, type Matcher } from './covers.js';
import { BeginSilence, FiringLabels, type QuietFragment } from './silences.graphql.js';
import './silence-dialog.css';

const HOUR_MS = 3_600_000;
const LENGTHS = [
  { ms: HOUR_MS, word: '1 hour' },
  { ms: 4 * HOUR_MS, word: '4 hours' },
  { ms: 24 * HOUR_MS, word: '1 day' },
  { ms: 7 * 24 * HOUR_MS, word: '1 week' },
];

export interface SilenceDialogProps {
  /** What the silence begins with, such as the labels of an alert. */
  labels: readonly { name: string; value: string }[];
  onClose: () => void;
  onDone?: (silence: QuietFragment) => void;
}

/** Keeps everybody from being told of some alerts for a while, and says of how many that would be now. */
export function SilenceDialog({ labels, onClose, onDone }: SilenceDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [matchers, setMatchers] = useState<readonly Matcher[]>(() =>
    labels.length === 0
      ? [{ label: 'agent', pattern: '' }]
      : labels.map(({ name, value }) => ({ label: name, pattern: value })),
  );
  const [lengthMs, setLengthMs] = useState(HOUR_MS);
  const [reason, setReason] = useState('');
  const { isBusy, refusal, act } = useAct();
  useEffect(() => dialog.current?.showModal(), []);
  const change = (at: number, part: Partial<Matcher>) =>
    setMatchers(matchers.map((matcher, index) => (index === at ? { ...matcher, ...part } : matcher)));
  const begin = async (event: Event) => {
    event.preventDefault();
    const until = new Date(Date.now() + lengthMs).toISOString();
    const done = await act(BeginSilence, { input: { matchers: [...matchers], until, reason } });
    if (done === null) return;
    onDone?.(done.silence);
    onClose();
  };
  return (
    <dialog ref={dialog} class="silence-dialog" aria-labelledby="silence-title" closedby="any" onClose={onClose}>
      <form onSubmit={begin}>
        <h2 id="silence-title">Silence alerts</h2>
        <p class="quiet-text">They fire and resolve all the same; nobody is told of them while it lasts.</p>
        <fieldset>
          <legend>Alerts with all of these labels</legend>
          {matchers.map(({ label, pattern }, index) => (
            <div key={index} class="matcher">
              <input
                type="text"
                aria-label="Label"
                required
                value={label}
                onInput={(event) => change(index, { label: event.currentTarget.value })}
              />
              <span aria-hidden="true">=</span>
              <input
                type="text"
                aria-label={`Pattern of ${label}`}
                placeholder="fraud-*"
                required
                value={pattern}
                onInput={(event) => change(index, { pattern: event.currentTarget.value })}
              />
              <button
                type="button"
                class="quiet icon"
                aria-label={`Leave ${label} out`}
                disabled={matchers.length === 1}
                onClick={() => setMatchers(matchers.filter((_matcher, at) => at !== index))}
              >
                <Icon name="close" />
              </button>
            </div>
          ))}
          <button type="button" class="quiet" onClick={() => setMatchers([...matchers, { label: '', pattern: '' }])}>
            Another label
          </button>
          <Covered matchers={matchers} />
        </fieldset>
        <fieldset>
          <legend>For</legend>
          <div class="toggles" role="group" aria-label="For how long">
            {LENGTHS.map(({ ms, word }) => (
              <button key={ms} type="button" aria-pressed={ms === lengthMs} onClick={() => setLengthMs(ms)}>
                {word}
              </button>
            ))}
          </div>
        </fieldset>
        <label>
          Why
          <input
            type="text"
            required
            placeholder="Known: the vendor is migrating until noon"
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <p class="quiet-text">Who silenced what, and why, is sealed in the ledger.</p>
        <RefusalNotice refusal={refusal} />
        <div class="buttons">
          <button type="submit" class="primary" disabled={isBusy}>
            {isBusy ? 'Silencing …' : 'Silence'}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** What it would cover of what fires now. */
function Covered({ matchers }: { matchers: readonly Matcher[] }) {
  const { data } = useQuery(FiringLabels, {});
  if (data === null) return <p class="covered quiet-text">Looking at what fires …</p>;
  const { nodes, pageInfo } = data.alerts;
  const count = nodes.filter((alert) => covers(matchers, alert, fleet.value ?? '')).length;
  const of = pageInfo.hasNextPage ? `the newest ${nodes.length}` : `${nodes.length}`;
  return (
    <p class="covered" role="status">
      Covers <b>{count}</b> of {of} alerts that are open now.
    </p>
  );
}
