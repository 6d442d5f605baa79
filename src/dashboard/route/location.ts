import { signal } from '@preact/signals';

export interface Place {
  path: string;
  search: URLSearchParams;
}

/** Where the browser is: the one thing that decides what is on the screen. */
export const place = signal<Place>(readPlace());

function readPlace(): Place {
  return { path: window.location.pathname, search: new URLSearchParams(window.location.search) };
}

window.addEventListener('popstate', () => {
  place.value = readPlace();
});

/** Goes to a path with its query. `isStep` false: in place of where we are, so that back does not stop there. */
export function go(href: string, { isStep = true }: { isStep?: boolean } = {}): void {
  const before = place.value.path;
  if (isStep) history.pushState(null, '', href);
  else history.replaceState(null, '', href);
  place.value = readPlace();
  if (place.value.path !== before) window.scrollTo(0, 0);
}

/** Changes parameters of the screen alone, such as a search: null removes one. */
export function setParameters(changes: Record<string, string | null>, options: { isStep?: boolean } = {}): void {
  const search = new URLSearchParams(place.value.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) search.delete(name);
    else search.set(name, value);
  }
  go(hrefOf(place.value.path, search), options);
}

export function hrefOf(path: string, search: URLSearchParams): string {
  const query = search.toString();
  return query === '' ? path : `${path}?${query}`;
}
