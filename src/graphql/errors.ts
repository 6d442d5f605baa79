import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { AppError, ERROR_CODES, type ErrorCode } from '../errors.js';
import type { Log } from '../log.js';

/**
 * What a caller sees of a failure: refusals as they are with `extensions.code`, errors of the document as
 * VALIDATION_FAILED, and of anything else only that it happened; that goes to the log, once, with its cause.
 */
export function createErrorMask(log: Log): (error: unknown) => GraphQLError {
  return (error) => {
    const cause = originOf(error);
    if (cause instanceof AppError) {
      if (cause.status >= 500) log.error({ err: traceOf(cause), detail: cause.detail }, 'a GraphQL request failed');
      return asGraphQLError(cause, error);
    }
    if (isGraphQLError(error) && isGraphQLError(cause)) return withCode(error);
    log.error({ err: traceOf(cause) }, 'a GraphQL request failed unexpectedly');
    return asGraphQLError(new AppError('INTERNAL', 'something went wrong here; it has been logged'), error);
  };
}

/** Stacks alone, down to the first cause: other properties of a database's error quote the values it was about. */
function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const trace = error.stack ?? error.message;
  return error.cause === undefined ? trace : `${trace}\ncaused by: ${traceOf(error.cause)}`;
}

/** Gives the errors of validation, which are not masked, the code that goes with them. */
export function useErrorCodes(): Plugin {
  const code: ErrorCode = 'VALIDATION_FAILED';
  return {
    onValidate:
      () =>
      ({ valid, result }) => {
        if (!valid) for (const error of result) error.extensions.code = code;
      },
  };
}

/** The error at the bottom: executors wrap what a resolver throws, some of them more than once. */
function originOf(error: unknown): unknown {
  let origin = error;
  while (isGraphQLError(origin) && origin.originalError) origin = origin.originalError;
  return origin;
}

/** By name: the compiler of queries may bring its own copy of the class. */
function isGraphQLError(error: unknown): error is GraphQLError {
  return error instanceof Error && error.name === 'GraphQLError';
}

function asGraphQLError({ message, code, path, retryAfterS }: AppError, error: unknown): GraphQLError {
  const located = isGraphQLError(error) ? error : null;
  return new GraphQLError(message, {
    nodes: located?.nodes ?? null,
    path: located?.path ?? null,
    extensions: {
      code,
      ...(path === undefined ? {} : { path }),
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
      ...(located?.path ? {} : { http: httpStatus(ERROR_CODES[code].status) }),
    },
  });
}

/** Errors that GraphQL itself finds in a document or its variables have no code of ours yet. */
function withCode(error: GraphQLError): GraphQLError {
  const { message, nodes = null, source = null, positions = null, path = null } = error;
  // Compiled queries leave it out where they refuse a variable.
  const extensions: GraphQLError['extensions'] | undefined = error.extensions;
  const code = extensions?.code;
  if (typeof code === 'string' && code in ERROR_CODES) return error;
  const given: ErrorCode = 'VALIDATION_FAILED';
  const http = path === null ? { http: httpStatus(400) } : {};
  return new GraphQLError(message, {
    nodes,
    source,
    positions,
    path,
    extensions: { ...http, ...extensions, code: given },
  });
}

/**
 * For a request that was not executed. A bad request is 200 all the same in the legacy media type `application/json`
 * (GraphQL over HTTP, section 6.4.1), which `spec` asks for.
 */
function httpStatus(status: number): { status: number; spec: boolean } {
  return { status, spec: status === 400 };
}
