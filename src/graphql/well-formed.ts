import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ErrorCode } from '../errors.js';

const CODE: ErrorCode = 'VALIDATION_FAILED';

/**
 * Refuses what is no request of GraphQL over HTTP (section 5) with 400 in every media type: the 200 of the old one is for
 * documents that are not valid, not for requests without one.
 */
export function useWellFormedRequests(): Plugin {
  return {
    onRequest: ({ request, url, endResponse, fetchAPI }) => {
      if (request.method !== 'GET') return;
      const bad = ['variables', 'extensions'].find((name) => !isJsonObject(url.searchParams.get(name)));
      if (bad === undefined) return;
      const error = { message: `${bad} is not a JSON object`, extensions: { code: CODE } };
      endResponse(fetchAPI.Response.json({ errors: [error] }, { status: 400 }));
    },
    onParams: ({ params: { query } }) => {
      if (typeof query === 'string' && query !== '') return;
      throw new GraphQLError('there is no query', { extensions: { code: CODE, http: { status: 400 } } });
    },
  };
}

function isJsonObject(text: string | null): boolean {
  if (text === null || text === '') return true;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    // Not JSON at all.
    return false;
  }
}
