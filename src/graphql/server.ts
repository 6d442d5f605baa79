import { useGraphQlJit } from '@envelop/graphql-jit';
import { type DocumentNode, type ExecutionArgs, Kind, type VariableDefinitionNode } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Log } from '../log.js';
import { type Caller, createContext, type GraphQLContext, type GraphQLServices } from './context.js';
import { createErrorMask, useErrorCodes } from './errors.js';
import { useLimits } from './limits.js';
import { useRefusedSelections } from './refused-selection.js';
import { schema } from './schema.js';
import { useWellFormedRequests } from './well-formed.js';

/**
 * GraphQL over HTTP at `/graphql`. Whoever mounts it proves the caller first and passes `{ viewer, fleet }` with each
 * request. Closed by default: no CORS, forms, uploads, batches or pages of its own.
 */
export function createGraphQL({ log, ...services }: GraphQLServices & { log: Log }): {
  schema: typeof schema;
  yoga: YogaServerInstance<Caller, GraphQLContext>;
} {
  const yoga = createYoga<Caller, GraphQLContext>({
    schema,
    context: ({ viewer, fleet, request }) => createContext(services, { viewer, fleet }, request.signal),
    graphqlEndpoint: '/graphql',
    cors: false,
    multipart: false,
    batching: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    maskedErrors: { maskError: createErrorMask(log) },
    plugins: [
      useJsonOnly(),
      useWellFormedRequests(),
      useLimits(),
      useRefusedSelections(),
      useErrorCodes(),
      useCompiledQueries(),
    ],
  });
  return { schema, yoga };
}

/** Forms can be posted from any page with the user's cookies and without a preflight; JSON cannot. */
function useJsonOnly(): Plugin {
  return {
    onRequest: ({ request, endResponse, fetchAPI }) => {
      if (request.method !== 'POST') return;
      const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
      if (mediaType === 'application/json') {
        // The parser knows the lower-case spelling alone, and without one it answers nothing at all.
        request.headers.set('content-type', mediaType);
        return;
      }
      const error = { message: 'send application/json', extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' } };
      endResponse(fetchAPI.Response.json({ errors: [error] }, { status: 415 }));
    },
  };
}

/** Compiles a document when it comes again: one that comes once is not worth it. */
function useCompiledQueries() {
  const seen = new WeakSet<DocumentNode>();
  const enableIf = ({ document }: ExecutionArgs) => {
    if (!isCompilable(document)) return false;
    if (seen.has(document)) return true;
    seen.add(document);
    return false;
  };
  return useGraphQlJit({}, { enableIf });
}

/**
 * The compiled form is kept by document and knows no operation name, so a document with several operations has none; and
 * it asks for variables whose type has no null even when they have a default.
 */
function isCompilable({ definitions }: DocumentNode): boolean {
  const [operation, ...others] = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined || others.length > 0) return false;
  const needsDefault = ({ type, defaultValue }: VariableDefinitionNode) =>
    type.kind === Kind.NON_NULL_TYPE && defaultValue !== undefined;
  return !operation.variableDefinitions?.some(needsDefault);
}
