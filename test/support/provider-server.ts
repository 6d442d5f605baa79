import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server answers in place of a report. */
export interface Fault {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface SeenRequest {
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
}

/** Results by day and path, in the documented shape. */
export type Reports = Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;

export interface ProviderServer {
  url: string;
  /** Answered, first come first served, before any report. */
  faults: Fault[];
  reports: Reports;
  requests: SeenRequest[];
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

/**
 * A provider's admin API as it is documented: OpenAI's buckets in seconds, Anthropic's in RFC 3339, pages of `limit` days
 * of which at most `daysAPage`, amounts exactly as the JSON text of the results has them.
 */
export async function startProvider({
  key,
  daysAPage = 31,
}: {
  key: string;
  daysAPage?: number;
}): Promise<ProviderServer> {
  const state: ProviderServer = { url: '', faults: [], reports: {}, requests: [], close: async () => undefined };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://provider');
    state.requests.push({ path: url.pathname, query: url.searchParams, headers: request.headers });
    const fault = state.faults.shift();
    if (fault !== undefined) return response.writeHead(fault.status, fault.headers).end(fault.body ?? '{}');
    const given = request.headers['x-api-key'] ?? request.headers.authorization?.replace('Bearer ', '');
    if (given !== key)
      return response.writeHead(401).end(JSON.stringify({ error: { message: `no such key: ${given}` } }));
    const results = state.reports[url.pathname];
    if (results === undefined) return response.writeHead(404).end('{}');
    return response.writeHead(200, { 'content-type': 'application/json' }).end(pageOf(url, results, daysAPage));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  state.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return state;
}

function pageOf({ searchParams: query }: URL, results: Reports[string], daysAPage: number): string {
  const isSeconds = query.has('start_time');
  const momentOf = (text: string | null) => (isSeconds ? Number(text) * 1_000 : Date.parse(text ?? ''));
  const startMs = Number(
    query.get('page')?.replace('page_', '') ?? momentOf(query.get('start_time') ?? query.get('starting_at')),
  );
  const endMs = momentOf(query.get('end_time') ?? query.get('ending_at'));
  const lastMs = Math.min(endMs, startMs + Math.min(Number(query.get('limit')), daysAPage) * DAY_MS);
  const buckets: string[] = [];
  for (let dayMs = startMs; dayMs < lastMs; dayMs += DAY_MS) {
    const ofDay = results[new Date(dayMs).toISOString().slice(0, 10)] ?? [];
    const from = isSeconds ? dayMs / 1_000 : JSON.stringify(new Date(dayMs).toISOString());
    const until = isSeconds ? (dayMs + DAY_MS) / 1_000 : JSON.stringify(new Date(dayMs + DAY_MS).toISOString());
    const items = ofDay.map((result) => (typeof result === 'string' ? result : JSON.stringify(result))).join(',');
    const names = isSeconds ? ['start_time', 'end_time'] : ['starting_at', 'ending_at'];
    buckets.push(`{"object":"bucket","${names[0]}":${from},"${names[1]}":${until},"results":[${items}]}`);
  }
  const next = lastMs < endMs ? `"page_${lastMs}"` : 'null';
  return `{"object":"page","data":[${buckets.join(',')}],"has_more":${lastMs < endMs},"next_page":${next}}`;
}
