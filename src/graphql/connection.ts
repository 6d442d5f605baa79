import type { ObjectRef } from '@pothos/core';
import type { Page, PageRequest } from '../db/page.js';
import { AppError } from '../errors.js';
import { type BuilderTypes, builder } from './builder.js';
import { type CursorKind, decodeCursor, encodeCursor } from './cursor.js';

/** A page and what makes a cursor of each of its rows: Relay's connection, https://relay.dev/graphql/connections.htm */
export interface Connection<Row> extends Page<Row> {
  cursorOf(row: Row): string;
}

const DEFAULT_PAGE_SIZE = 20;
const PAGE_SIZE_MAX = 100;

/** The arguments of every list, to be spread among a field's own. */
export const pageArguments = builder.args((t) => ({
  first: t.int({
    description: `How many items from the list’s beginning or after \`after\`, 1 to ${PAGE_SIZE_MAX}; ${DEFAULT_PAGE_SIZE} when neither \`first\` nor \`last\` is given.`,
  }),
  after: t.string({ description: 'The cursor of the item after which to begin; goes with `first`.' }),
  last: t.int({ description: `How many items before \`before\` or from the list’s end, 1 to ${PAGE_SIZE_MAX}.` }),
  before: t.string({ description: 'The cursor of the item before which to end; goes with `last`.' }),
}));

export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

/** What a list costs: its own read and, for each item it may hold, what is asked of an item. */
export function pageComplexity({ first, last }: PageArguments): { field: number; multiplier: number } {
  return { field: 1, multiplier: Math.max(first ?? last ?? DEFAULT_PAGE_SIZE, 1) };
}

/** Throws VALIDATION_FAILED for sizes out of range (they are refused, not clamped), bad cursors and mixed directions. */
export function readPageRequest<Key>(
  { first, after, last, before }: PageArguments,
  kind: CursorKind<Key>,
  fleet: string,
): PageRequest<Key> {
  const isBackward = isGiven(last) || (isGiven(before) && !isGiven(first));
  if (isGiven(first) && isGiven(last)) throw invalid('first', 'give first or last, not both');
  if (isBackward && isGiven(after)) throw invalid('after', 'after goes with first; with last, give before');
  if (!isBackward && isGiven(before)) throw invalid('before', 'before goes with last; with first, give after');
  const sizeArgument = isBackward ? 'last' : 'first';
  const limit = (isBackward ? last : first) ?? DEFAULT_PAGE_SIZE;
  if (limit < 1 || limit > PAGE_SIZE_MAX) throw invalid(sizeArgument, `${sizeArgument} must be 1 to ${PAGE_SIZE_MAX}`);
  const argument = isBackward ? 'before' : 'after';
  const cursor = isBackward ? before : after;
  return {
    limit,
    direction: isBackward ? 'backward' : 'forward',
    beyond: isGiven(cursor) ? decodeCursor(kind, { fleet, cursor, argument }) : null,
  };
}

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}

function invalid(argument: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', message, { path: [argument] });
}

export function toConnection<Row, Key>(
  page: Page<Row>,
  fleet: string,
  { kind, keyOf }: { kind: CursorKind<Key>; keyOf: (row: Row) => Key },
): Connection<Row> {
  return { ...page, cursorOf: (row) => encodeCursor(kind, fleet, keyOf(row)) };
}

type PageInfo = Pick<Connection<unknown>, 'hasNextPage' | 'hasPreviousPage'> & {
  startCursor: string | null;
  endCursor: string | null;
};

const PageInfoRef = builder.objectRef<PageInfo>('PageInfo').implement({
  description: 'Where a page lies in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether items follow the page’s last.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', { description: 'Whether items precede the page’s first.' }),
    startCursor: t.exposeString('startCursor', { nullable: true, description: 'The cursor of the page’s first item.' }),
    endCursor: t.exposeString('endCursor', { nullable: true, description: 'The cursor of the page’s last item.' }),
  }),
});

function pageInfoOf<Row>({ rows, hasNextPage, hasPreviousPage, cursorOf }: Connection<Row>): PageInfo {
  const [first] = rows;
  const last = rows.at(-1);
  return {
    hasNextPage,
    hasPreviousPage,
    startCursor: first === undefined ? null : cursorOf(first),
    endCursor: last === undefined ? null : cursorOf(last),
  };
}

/** The types `<Name>Connection` and `<Name>Edge` of a node type. */
export function connectionType<Row>(node: ObjectRef<BuilderTypes, Row>) {
  const { name } = node;
  const edge = builder.objectRef<{ node: Row; cursor: string }>(`${name}Edge`);
  edge.implement({
    description: `One ${name} in a list.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'Its place in the list, for `after` and `before`.' }),
      node: t.field({ type: node, description: `The ${name}.`, resolve: (value) => value.node as never }),
    }),
  });
  const perItem = { field: 1, multiplier: 1 };
  return builder.objectRef<Connection<Row>>(`${name}Connection`).implement({
    description: `One page of a list of ${name}.`,
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        description: 'The page’s items with their cursors.',
        complexity: perItem,
        resolve: ({ rows, cursorOf }) => rows.map((row) => ({ node: row, cursor: cursorOf(row) })),
      }),
      nodes: t.field({
        type: [node],
        description: 'The page’s items.',
        complexity: perItem,
        resolve: ({ rows }) => rows as never,
      }),
      pageInfo: t.field({ type: PageInfoRef, description: 'Where the page lies in its list.', resolve: pageInfoOf }),
    }),
  });
}
