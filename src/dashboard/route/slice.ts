import { computed } from '@preact/signals';
import { session } from '../data/session.js';
import { go, hrefOf, place } from './location.js';
import { isLast, type Range } from './range.js';

/** What is looked at, on every screen: the time and which decisions. It is in the URL and nowhere else. */
export interface Slice {
  range: Range;
  /** Null: the only one, or the first. */
  fleet: string | null;
  agents: string[];
  models: string[];
  customerSegments: string[];
  regions: string[];
  environments: string[];
  requestTypes: string[];
}

export type Facet = Exclude<keyof Slice, 'range' | 'fleet'>;

/** Each facet's parameter in the URL. */
export const FACETS: readonly { facet: Facet; parameter: string; word: string }[] = [
  { facet: 'agents', parameter: 'agent', word: 'Agent' },
  { facet: 'models', parameter: 'model', word: 'Model' },
  { facet: 'customerSegments', parameter: 'segment', word: 'Segment' },
  { facet: 'regions', parameter: 'region', word: 'Region' },
  { facet: 'environments', parameter: 'environment', word: 'Environment' },
  { facet: 'requestTypes', parameter: 'type', word: 'Request type' },
];
const SLICE_PARAMETERS = ['last', 'from', 'to', 'fleet', ...FACETS.map(({ parameter }) => parameter)];

export const DEFAULT_RANGE: Range = { last: '1h' };

export function readSlice(search: URLSearchParams): Slice {
  const of = (parameter: string) => [...new Set(search.getAll(parameter).filter((value) => value !== ''))];
  return {
    range: readRange(search),
    fleet: search.get('fleet'),
    agents: of('agent'),
    models: of('model'),
    customerSegments: of('segment'),
    regions: of('region'),
    environments: of('environment'),
    requestTypes: of('type'),
  };
}

function readRange(search: URLSearchParams): Range {
  const last = search.get('last');
  if (last !== null && isLast(last)) return { last };
  const [fromMs, toMs] = [Date.parse(search.get('from') ?? ''), Date.parse(search.get('to') ?? '')];
  if (!(fromMs < toMs)) return DEFAULT_RANGE;
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** The slice as parameters, in one order, so that the same slice is always the same URL. */
export function writeSlice(slice: Slice): URLSearchParams {
  const search = new URLSearchParams();
  if (!('last' in slice.range)) {
    search.set('from', slice.range.from);
    search.set('to', slice.range.to);
  } else if (slice.range.last !== '1h') search.set('last', slice.range.last);
  if (slice.fleet !== null) search.set('fleet', slice.fleet);
  for (const { facet, parameter } of FACETS) for (const value of slice[facet]) search.append(parameter, value);
  return search;
}

export const slice = computed(() => readSlice(place.value.search));

/** The fleet that is looked at; null until somebody is signed in. */
export const fleet = computed(() => slice.value.fleet ?? session.value?.viewer?.fleets[0] ?? null);

/** Which decisions the slice holds, without the time. */
export const filter = computed(() => filterOf(slice.value));

export function filterOf(of: Slice): Partial<Record<Facet, string[]>> {
  const given = FACETS.filter(({ facet }) => of[facet].length > 0);
  return Object.fromEntries(given.map(({ facet }) => [facet, of[facet]]));
}

/** Which agents the slice holds: by their names, and by what they run on and where. */
export const agentFilter = computed(() => {
  const { agents, models, regions, environments } = slice.value;
  const given = { names: agents, models, regions, environments };
  return Object.fromEntries(Object.entries(given).filter(([, values]) => values.length > 0));
});

/** The way to a screen with the slice that is looked at, changed as asked, and parameters of the screen’s own. */
export function hrefTo(path: string, changes: Partial<Slice> = {}, own: Record<string, string> = {}): string {
  const search = writeSlice({ ...slice.value, ...changes });
  for (const [name, value] of Object.entries(own)) search.set(name, value);
  return hrefOf(path, search);
}

/** Changes the slice and stays on the screen, with its own parameters. */
export function changeSlice(changes: Partial<Slice>): void {
  const search = writeSlice({ ...slice.value, ...changes });
  for (const [name, value] of place.value.search) if (!SLICE_PARAMETERS.includes(name)) search.append(name, value);
  go(hrefOf(place.value.path, search));
}
