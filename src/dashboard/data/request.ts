import { fleet } from '../route/slice.js';
import { Failure } from './failure.js';
import type { Operation } from './operation.js';
import { endSession } from './session.js';

interface Answer<Data> {
  data?: Data | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

/** What of an answer did not come, where the rest did. */
export interface Partial<Data> {
  data: Data;
  failures: Failure[];
}

/** Asks the server once. Rejects with a Failure when nothing came. */
export async function request<Data, Variables>(
  operation: Operation<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Partial<Data>> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(fleet.value === null ? {} : { 'x-fleet-id': fleet.value }),
    },
    body: JSON.stringify({ query: operation, variables }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.status === 401) endSession();
  const { data, errors = [] }: Answer<Data> = await response.json().catch(() => ({}));
  const failures = errors.map(({ message, extensions }) => new Failure(extensions?.code ?? 'INTERNAL', message));
  if (data !== undefined && data !== null) return { data, failures };
  throw failures[0] ?? new Failure('INTERNAL', `The server answered ${response.status}.`);
}
