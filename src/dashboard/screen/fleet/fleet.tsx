import { useMemo } from 'preact/hooks';
import { useFresh } from '../../data/use-fresh.js';
import { useLive } from '../../data/use-live.js';
import { useRowKeys } from '../../frame/rows.js';
import { place, setParameters } from '../../route/location.js';
import { type Window, windowOf } from '../../route/range.js';
import { filter, slice } from '../../route/slice.js';
import { AgentTable } from './agent-table.js';
import { CallMap } from './call-map.js';
import { FleetDecisions } from './fleet.graphql.js';
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
  useLive(FleetDecisions, {
    variables: { filter: filter.value },
    after: 'last' in range ? null : undefined,
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
