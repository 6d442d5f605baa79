import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  getOperationAST,
  OperationTypeNode,
} from 'graphql';
import type { YogaServerInstance } from 'graphql-yoga';
import { TOLD_BEFORE } from '../access/content-reads.js';
import { mayDo } from '../access/viewer.js';
import { isEventSource, type RecordedEvent } from '../live/event-source.js';
import type { Caller, Executor, Operation, OperationRequest, Refused } from '../live/operation.js';
import type { Log } from '../log.js';
import { contentStreamOf } from './content-stream.js';
import { createContext, type GraphQLContext, type GraphQLServices } from './context.js';
import { createErrorMask } from './errors.js';
import { checkComplexity } from './limits.js';
import { schema } from './schema.js';

export interface ExecutorOptions {
  yoga: YogaServerInstance<Caller, GraphQLContext>;
  services: GraphQLServices;
  log: Log;
}

/** What `yoga` does for HTTP, with the same limits, authorisation and masked errors, for other transports. */
export function createExecutor({ yoga, services, log }: ExecutorOptions): Executor {
  const mask = createErrorMask(log);
  const maskAll = (errors: readonly unknown[]) => errors.map((error) => withoutHttp(mask(error)));
  const refuse = (error: unknown): Refused => ({ errors: maskAll([error]) });
  const maskResult = (result: ExecutionResult): ExecutionResult =>
    result.errors === undefined ? result : { ...result, errors: maskAll(result.errors) };
  const argumentsOf = ({ document, operationName, variables }: Operation, contextValue: GraphQLContext) => ({
    schema,
    document,
    operationName,
    variableValues: variables,
    contextValue,
  });

  return {
    prepare: (request, caller) => {
      const { parse, validate } = yoga.getEnveloped(caller);
      try {
        const document: DocumentNode = parse(request.query);
        const errors: readonly GraphQLError[] = validate(schema, document);
        return errors.length > 0 ? { errors: maskAll(errors) } : operationOf(document, request);
      } catch (error) {
        return refuse(error);
      }
    },
    execute: async (operation, caller, signal) => {
      const args = argumentsOf(operation, createContext(services, caller, signal));
      try {
        return maskResult(await yoga.getEnveloped(caller).execute(args));
      } catch (error) {
        return refuse(error);
      }
    },
    openSource: async (operation, caller, signal) => {
      const args: ExecutionArgs = argumentsOf(operation, createContext(services, caller, signal));
      try {
        checkComplexity(args);
        const source = await createSourceEventStream(args);
        if (isEventSource(source)) return source;
        return { errors: maskAll('errors' in source ? (source.errors ?? []) : []) };
      } catch (error) {
        return refuse(error);
      }
    },
    tellOfContent: async (operation, { viewer, fleet }) => {
      const stream = mayDo(viewer, 'content.read') ? contentStreamOf(operation) : null;
      if (stream === null) return null;
      const read = { fleet, actor: viewer.subject, contents: 'STREAM' as const, decisionIds: [], ...stream };
      return services.reads.tell(read).then(() => null, refuse);
    },
    executeEvents: async (operation, caller, events) => {
      const shared = { ...services, reads: TOLD_BEFORE };
      const args = argumentsOf(operation, createContext(shared, caller, new AbortController().signal));
      const place = async (event: RecordedEvent) => {
        const result = await execute({ ...args, rootValue: event });
        return { seq: event.seq, result: maskResult(result) };
      };
      return Promise.all(events.map(place));
    },
  };
}

function operationOf(document: DocumentNode, { operationName = null, variables }: OperationRequest): Operation {
  const definition = getOperationAST(document, operationName);
  // Without one, execution says what is missing.
  const kind = definition?.operation ?? OperationTypeNode.QUERY;
  return { kind, document, operationName, variables: variables ?? {} };
}

/** The status is for an answer over HTTP alone. */
function withoutHttp(error: GraphQLError): GraphQLError {
  const { http, ...extensions } = error.extensions;
  if (http === undefined) return error;
  const { message, nodes = null, source = null, positions = null, path = null } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}
