import { useState } from 'preact/hooks';
import { useAct } from '../../data/use-act.js';
import { Panel } from '../../element/panel.js';
import { RefusalNotice } from '../../element/refusal.js';
import { slice } from '../../route/slice.js';
import { type AskedFragment, type ReportPreset, RequestReport, type RequestReportInput } from './reports.graphql.js';
import '../../element/narrow.css';

const PRESETS: readonly { preset: ReportPreset; word: string; about: string }[] = [
  {
    preset: 'AUTHORITY',
    word: 'For an authority',
    about: 'Everything, with the dossiers of the decisions that somebody would ask about first.',
  },
  {
    preset: 'AUDITOR',
    word: 'For an auditor',
    about: 'The record, its integrity, what people did, changes, access, and the controls it gives evidence for.',
  },
  {
    preset: 'INDIVIDUAL',
    word: 'For one person',
    about: 'The decisions about one person in plain words, with nothing of other people.',
  },
];

const DAY_MS = 86_400_000;

/** Asks for a report. The agents of the slice go along. */
export function Ask({ onAsked }: { onAsked: (report: AskedFragment) => void }) {
  const [preset, setPreset] = useState<ReportPreset>('AUTHORITY');
  const [from, setFrom] = useState(() => dayOf(Date.now() - 30 * DAY_MS));
  const [to, setTo] = useState(() => dayOf(Date.now()));
  const [subject, setSubject] = useState('');
  const { isBusy, refusal, act } = useAct();
  const isPerson = preset === 'INDIVIDUAL';
  const { agents } = slice.value;
  const ask = async (event: Event) => {
    event.preventDefault();
    // The last day is meant whole.
    const period = { from: `${from}T00:00:00Z`, to: new Date(Date.parse(to) + DAY_MS).toISOString() };
    const input: RequestReportInput = {
      preset,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...(isPerson ? { subject: subject.trim() } : period),
      ...(agents.length > 0 && !isPerson ? { agents: [...agents] } : {}),
    };
    const done = await act(RequestReport, { input });
    if (done !== null) onAsked(done.report);
  };
  return (
    <Panel
      title="Ask for a report"
      aside={agents.length > 0 && !isPerson ? `of ${agents.join(', ')} alone` : undefined}
    >
      <form class="ask" onSubmit={ask}>
        <div class="toggles" role="group" aria-label="For whom">
          {PRESETS.map((each) => (
            <button
              key={each.preset}
              type="button"
              aria-pressed={each.preset === preset}
              onClick={() => setPreset(each.preset)}
            >
              {each.word}
            </button>
          ))}
        </div>
        <p class="quiet-text">{PRESETS.find((each) => each.preset === preset)?.about}</p>
        <div class="ask-fields">
          {isPerson ? (
            <label>
              About whom, by the id that telemetry gave
              <input type="text" required value={subject} onInput={(event) => setSubject(event.currentTarget.value)} />
            </label>
          ) : (
            <>
              <label>
                From
                <input
                  type="date"
                  required
                  max={to}
                  value={from}
                  onInput={(event) => setFrom(event.currentTarget.value)}
                />
              </label>
              <label>
                To, that day included
                <input
                  type="date"
                  required
                  min={from}
                  value={to}
                  onInput={(event) => setTo(event.currentTarget.value)}
                />
              </label>
            </>
          )}
          <button type="submit" class="primary" disabled={isBusy}>
            {isBusy ? 'Asking …' : 'Ask for it'}
          </button>
        </div>
        <RefusalNotice refusal={refusal} />
      </form>
    </Panel>
  );
}

/** As a date field has it, UTC. */
function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
