import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { idsOf, type Message, readEvents, recordIds, untilSubscribed } from '../support/live.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { startServer, type TestServer } from '../support/server.js';

let database: TestDatabase;
let server: TestServer;
let authorization: string;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  server = await startServer({ databaseUrl: database.url });
  authorization = `Bearer ${await server.token()}`;
});
afterAll(async () => {
  await server?.stop();
  await database.drop();
});

const URQL =
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed';
const STREAM = 'text/event-stream';
const FOLLOW = 'subscription { decisionRecorded { id } }';
const RECORD = `mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) {
  ... on RecordDecisionsSuccess { decisions { id } } } }`;

const post = (accept: string | null, body: object) =>
  fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization, ...(accept === null ? {} : { accept }) },
    body: JSON.stringify(body),
  });

const get = (parameters: Record<string, string>, headers: Record<string, string> = { authorization }) =>
  fetch(`${server.url}/graphql?${new URLSearchParams(parameters)}`, { headers: { accept: STREAM, ...headers } });

const typeOf = (response: Response) => response.headers.get('content-type')?.split(';')[0];

async function expectDecision(response: Response, id: string): Promise<void> {
  expect(typeOf(response)).toBe(STREAM);
  await untilSubscribed(server, 1);
  await recordIds(server, [id]);
  const events = readEvents(response);
  expect((await events.next()).value).toEqual({ event: 'next', data: { data: { decisionRecorded: { id } } } });
  await events.return(undefined);
  await untilSubscribed(server, 0);
}

function largeDecision(id: string): Message {
  const at = new Date().toISOString();
  return { id, agent: 'triage', startedAt: at, endedAt: at, input: 'a subscription '.repeat(10_000) };
}

describe('a client that accepts an event stream after JSON', () => {
  it('gets a query answered with JSON', async () => {
    const response = await post(URQL, { query: '{ fleet { id } }' });
    expect(typeOf(response)).toBe('application/graphql-response+json');
    expect(await response.json()).toEqual({ data: { fleet: { id: 'Fleet:default' } } });
  });

  it('gets a mutation beyond 64 KiB answered with JSON', async () => {
    const response = await post(URQL, { query: RECORD, variables: { input: { decisions: [largeDecision('large')] } } });
    expect(typeOf(response)).toBe('application/graphql-response+json');
    expect(await response.json()).toEqual({ data: { recordDecisions: { decisions: [{ id: 'large' }] } } });
  });

  it('gets a subscription answered with a stream', async () => {
    await expectDecision(await post(URQL, { query: FOLLOW }), 'for-urql');
  });

  it('gets the operation it names, of a document with both kinds', async () => {
    const query = `query Fleet { fleet { id } } subscription Follow { decisionRecorded { id } }`;
    const answered = await post(URQL, { query, operationName: 'Fleet' });
    expect(await answered.json()).toEqual({ data: { fleet: { id: 'Fleet:default' } } });
    await expectDecision(await post(URQL, { query, operationName: 'Follow' }), 'named');
  });

  it('is told with JSON what is wrong with a document', async () => {
    const response = await post(URQL, { query: 'subscription { nonsense }' });
    expect([response.status, typeOf(response)]).toEqual([400, 'application/graphql-response+json']);
  });
});

describe('a client that says nothing of what it accepts', () => {
  it('gets a subscription answered with a stream', async () => {
    await expectDecision(await post(null, { query: FOLLOW }), 'for-anybody');
  });
});

describe('a client that wants an event stream', () => {
  it('gets a mutation beyond 64 KiB answered with one', async () => {
    const variables = { input: { decisions: [largeDecision('streamed')] } };
    const events = readEvents(await post(STREAM, { query: RECORD, variables }));
    expect((await events.next()).value?.data).toEqual({
      data: { recordDecisions: { decisions: [{ id: 'streamed' }] } },
    });
    expect((await events.next()).value?.event).toBe('complete');
  });

  it('is refused a subscription beyond 64 KiB', async () => {
    const response = await post(STREAM, { query: FOLLOW, variables: { unused: 'x'.repeat(70_000) } });
    expect(response.status).toBe(413);
  });

  it.each([{}, { query: 7 }, []])('is refused %j for an operation', async (body) => {
    expect((await post(STREAM, body)).status).toBe(400);
  });

  it('may ask for a subscription and a query by GET, with variables', async () => {
    await recordIds(server, idsOf('seen', 2));
    const query = 'subscription ($after: ID) { decisionRecorded(after: $after) { id } }';
    const events = readEvents(await get({ query, variables: JSON.stringify({ after: 'seen-0' }) }));
    expect((await events.next()).value?.data).toEqual({ data: { decisionRecorded: { id: 'seen-1' } } });
    await events.return(undefined);
    const answer = readEvents(await get({ query: '{ fleet { id } }' }));
    expect((await answer.next()).value?.data).toEqual({ data: { fleet: { id: 'Fleet:default' } } });
    expect((await answer.next()).value?.event).toBe('complete');
  });

  it('may not ask for a mutation by GET', async () => {
    const query = 'mutation { createFleet(input: { id: "by-get" }) { __typename } }';
    expect((await get({ query })).status).toBe(405);
    expect((await post(null, { query })).status).toBe(200);
  });

  it.each([{}, { query: '{ fleet { id } }', variables: '{' }, { query: '{ fleet { id } }', variables: '[]' }])(
    'is refused %j by GET',
    async (parameters: Record<string, string>) => {
      expect((await get(parameters)).status).toBe(400);
    },
  );

  it('is asked who it is before anything else', async () => {
    expect((await get({}, {})).status).toBe(401);
  });
});
