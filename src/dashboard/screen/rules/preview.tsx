import { FailureNotice, Panel, Skeleton } from '../../element/panel.js';
import { formatDuration } from '../../figure/format.js';
import { Moment } from '../../figure/moment.js';
import { AgentLine } from '../../text/agent-text.js';
import type { PreviewState, Tried } from './use-preview.js';

type Firing = Tried['firings'][number];

const GROUPS_SHOWN_MAX = 10;
const LISTED_MAX = 8;

/** How loud the rule would have been. */
export function Preview({ preview, isEmpty }: { preview: PreviewState; isEmpty: boolean }) {
  const { tried, refusal, failure, isLoading, mayTry } = preview;
  return (
    <Panel title="What it would have fired" aside="the last 24 hours">
      <div class="preview" aria-busy={isLoading}>
        {!mayTry && <p class="quiet-text">Operators and administrators can try rules on the past.</p>}
        {mayTry && isEmpty && <p class="quiet-text">Write a condition: it is tried on what was recorded.</p>}
        {failure !== null && <FailureNotice failure={failure} />}
        {refusal !== null && <p class="quiet-text">What is written cannot be read yet.</p>}
        {tried === null && isLoading && <Skeleton rows={5} />}
        {tried !== null && <Fired tried={tried} isOld={isLoading} />}
      </div>
    </Panel>
  );
}

function Fired({ tried, isOld }: { tried: Tried; isOld: boolean }) {
  const { firings, to } = tried;
  const groups = groupsOf(firings);
  const totalMs = firings.reduce((sum, firing) => sum + lengthOf(firing, to), 0);
  return (
    <div class={isOld ? 'fired is-old' : 'fired'}>
      <p class="verdict" role="status">
        {firings.length === 0 ? (
          'It would not have fired.'
        ) : (
          <>
            <b>{firings.length === 1 ? 'Once' : `${firings.length} times`}</b>, for{' '}
            {groups.length === 1 ? <AgentLine text={groups[0]?.group ?? ''} /> : `${groups.length} groups`},{' '}
            {formatDuration(totalMs)} altogether.
          </>
        )}
      </p>
      {groups.length > 0 && <Spans groups={groups.slice(0, GROUPS_SHOWN_MAX)} tried={tried} />}
      {groups.length > GROUPS_SHOWN_MAX && <p class="quiet-text">and {groups.length - GROUPS_SHOWN_MAX} more groups</p>}
      {firings.length > 0 && (
        <ol class="firings" aria-label="The last times">
          {[...firings]
            .reverse()
            .slice(0, LISTED_MAX)
            .map((firing) => (
              <li key={`${firing.group} ${firing.from}`}>
                <Moment at={firing.from} />
                <AgentLine text={firing.group} />
                <span class="number">{firing.peakText ?? 'no data'}</span>
                <span class="number quiet-text">
                  {firing.until === null ? 'still' : formatDuration(lengthOf(firing, to))}
                </span>
              </li>
            ))}
        </ol>
      )}
      <p class="quiet-text">
        Looked at every {formatDuration(tried.everyMs)}; in force it is every five seconds, so what is shorter may be
        missing.
      </p>
    </div>
  );
}

interface FiringGroup {
  group: string;
  firings: Firing[];
}

/** The loudest first. */
function groupsOf(firings: readonly Firing[]): FiringGroup[] {
  const groups = new Map<string, Firing[]>();
  for (const firing of firings) groups.set(firing.group, [...(groups.get(firing.group) ?? []), firing]);
  return [...groups]
    .map(([group, own]) => ({ group, firings: own }))
    .sort((one, other) => other.firings.length - one.firings.length);
}

function lengthOf({ from, until }: Firing, to: string): number {
  return Date.parse(until ?? to) - Date.parse(from);
}

/** When each group would have fired, on one axis of time. */
function Spans({ groups, tried: { from, to } }: { groups: readonly FiringGroup[]; tried: Tried }) {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const percentOf = (ms: number) => ((ms - fromMs) / (toMs - fromMs)) * 100;
  return (
    <div class="spans">
      {groups.map(({ group, firings }) => (
        <div key={group} class="span-row">
          <AgentLine class="span-group" text={group} />
          <span class="span-track" role="img" aria-label={`${firings.length} times`}>
            {firings.map((firing) => (
              <span
                key={firing.from}
                style={{
                  left: `${percentOf(Date.parse(firing.from))}%`,
                  width: `${percentOf(fromMs + lengthOf(firing, to))}%`,
                }}
              />
            ))}
          </span>
        </div>
      ))}
      <div class="span-row span-axis">
        <span />
        <span class="span-ends">
          <Moment at={from} />
          <Moment at={to} />
        </span>
      </div>
    </div>
  );
}
