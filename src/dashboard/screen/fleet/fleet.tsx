import { useEffect, useMemo } from 'preact/hooks';
import { useFresh } from '../../data/use-fresh.js';
import { useLive } from '../../data/use-live.js';
import { useQuery } from '../../data/use-query.js';
import { useRowKeys } from '../../frame/rows.js';
import { place, setParameters } from '../../route/location.js';
import { type Window, windowOf } from '../../route/range.js';
import { filter, slice } from '../../route/slice.js';
import { AgentTable } from './agent-table.js';
import { CallMap } from './call-map.js';
import { FleetDecisions, FleetPlace } from './fleet.graphql.js';
import { LoadView } from './load.js';
import { Versions } from './versions.js';
import './fleet.css';

const VIEWS = [
  { view: 'agents', word: 'Agents', Shown: AgentTable },
  { view: 'map', word: 'Map of calls', Shown: CallMap },
  { view: 'load', word: 'Load and routes', Shown: LoadView },
  { view: 'versions', word: 'Versions', Shown: Versions },
] as const;

/** What each view of the fleet is told. */
export interface ViewProps {
  window: Window;
  /** When it was last worth asking. */
  atMs: number;
}

/** All agents: as a table, as who calls whom, by what they carry, by what they run. */
export function Fleet() {
  const { atMs, touch } = useFresh(10_000);
  const { range } = slice.value;
  const window = useMemo(() => windowOf(range, atMs), [range, atMs]);
  const begin = useBegin('last' in range, touch);
  useLive(FleetDecisions, {
    variables: { filter: filter.value },
    after: begin,
    placeOf: ({ decisionRecorded }) => decisionRecorded.id,
    onEvents: touch,
  });
  useRowKeys('agent');
  const wanted = place.value.search.get('view');
  const { view, Shown } = VIEWS.find((candidate) => candidate.view === wanted) ?? VIEWS[0];
  return (
    <div class="fleet">
      <h1 class="visually-hidden">Fleet</h1>
      <div class="views" role="group" aria-label="View">
        {VIEWS.map((candidate) => (
          <button
            key={candidate.view}
            type="button"
            aria-pressed={candidate.view === view}
            onClick={() => setParameters({ view: candidate.view === 'agents' ? null : candidate.view })}
          >
            {candidate.word}
          </button>
        ))}
      </div>
      <Shown window={window} atMs={atMs} />
    </div>
  );
}

/** Views ask for themselves, and may have been answered before the place was known: what came between is asked for again. */
function useBegin(isFollowed: boolean, touch: () => void): string | undefined {
  const { data, isAnswered } = useQuery(FleetPlace, {}, { key: JSON.stringify(filter.value), isPaused: !isFollowed });
  useEffect(() => {
    if (isAnswered) touch();
  }, [isAnswered, touch]);
  return isFollowed && isAnswered ? data?.resumeFrom.decisionRecorded : undefined;
}
