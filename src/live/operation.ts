import type { DocumentNode, ExecutionResult, GraphQLError, OperationTypeNode } from 'graphql';
import { OPERATIONS } from '../access/policy.js';
import { mayDo, type Viewer } from '../access/viewer.js';
import type { EventSource, RecordedEvent } from './event-source.js';

/** Who asks and of which fleet, proven before anything is run. */
export interface Caller {
  viewer: Viewer;
  fleet: string;
}

/** What a client sends, over whichever transport. */
export interface OperationRequest {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
}

/** An operation of a valid document, with what it is run with. */
export interface Operation {
  kind: OperationTypeNode;
  document: DocumentNode;
  operationName: string | null;
  variables: Record<string, unknown>;
}

/** Why something was not run; as a caller may see it. */
export interface Refused {
  errors: readonly GraphQLError[];
}

/** The GraphQL schema as far as delivery needs it. Nothing here throws: what goes wrong is in the errors. */
export interface Executor {
  /** Parses and validates, within the limits on documents. */
  prepare(request: OperationRequest, caller: Caller): Operation | Refused;
  /** Runs a query or a mutation. */
  execute(operation: Operation, caller: Caller, signal: AbortSignal): Promise<ExecutionResult>;
  /** Starts a subscription for the caller, or refuses it; nothing is read before somebody reads the source. */
  openSource(operation: Operation, caller: Caller, signal: AbortSignal): Promise<EventSource | Refused>;
  /** Seals that the caller is given content, where the subscription has some; why it is refused when that cannot be done. */
  tellOfContent(operation: Operation, caller: Caller): Promise<Refused | null>;
  /** The results of a subscription for these events, in their order; what they look up is looked up together. */
  executeEvents(
    operation: Operation,
    caller: Caller,
    events: readonly RecordedEvent[],
  ): Promise<readonly PlacedResult[]>;
}

/** The result for an event, and the event's place in the record. */
export interface PlacedResult {
  seq: number;
  result: ExecutionResult;
}

/**
 * One who may see exactly what the caller may, and is nobody: results that are shared are made for it, so that nothing
 * personal can be in them. Callers whose `scope` is equal may share.
 */
export function anonymize({ viewer, fleet }: Caller): { scope: string; caller: Caller } {
  const allowed = OPERATIONS.filter((operation) => mayDo(viewer, operation));
  const shared: Viewer = { subject: 'shared', roles: viewer.roles, fleets: new Set([fleet]), expiresAtMs: null };
  return { scope: allowed.join(), caller: { viewer: shared, fleet } };
}
