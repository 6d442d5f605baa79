import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.js';
import { decisionInput, type GraphQLFixture, record, startGraphQL, viewerOf } from '../support/graphql.js';

let api: GraphQLFixture;
const logged: { err: unknown; message: string }[] = [];

beforeAll(async () => {
  const log = createLog('silent');
  log.error = ((fields: { err: unknown }, message: string) => void logged.push({ err: fields.err, message })) as never;
  api = await startGraphQL({ log });
  await record(api, [decisionInput('one')]);
});
afterAll(() => api.close());

const JSON_TYPE = 'application/json';
const GRAPHQL_TYPE = 'application/graphql-response+json';

async function send(init: { method?: string; type?: string; accept?: string; body?: string; url?: string }) {
  const response = await api.yoga.fetch(
    `http://midwatch/graphql${init.url ?? ''}`,
    {
      method: init.method ?? 'POST',
      headers: {
        ...(init.type === undefined ? {} : { 'content-type': init.type }),
        accept: init.accept ?? JSON_TYPE,
        origin: 'https://evil.example',
      },
      ...(init.body === undefined ? {} : { body: init.body }),
    },
    { viewer: viewerOf('ADMIN'), fleet: 'default' },
  );
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

const post = (query: string, variables: object = {}, accept = JSON_TYPE) =>
  send({ type: JSON_TYPE, accept, body: JSON.stringify({ query, variables }) });

describe('the endpoint', () => {
  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/graphql',
    undefined,
  ])('takes no POST of type %s', async (type) => {
    const answer = await send({ ...(type === undefined ? {} : { type }), body: 'query={ viewer { subject } }' });
    expect(answer.status).toBe(415);
  });

  it('takes JSON whatever its parameters', async () => {
    const answer = await send({ type: 'Application/JSON; charset=utf-8', body: '{"query":"{ viewer { subject } }"}' });
    expect(answer.json()).toEqual({ data: { viewer: { subject: 'a-admin' } } });
  });

  it('gives no other origin leave to read', async () => {
    const { headers } = await post('{ viewer { subject } }');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('takes queries by GET, but no mutation', async () => {
    const query = await send({ method: 'GET', url: '?query={viewer{subject}}' });
    expect(query.json().data.viewer.subject).toBe('a-admin');
    const mutation = await send({
      method: 'GET',
      url: '?query=mutation{createFleet(input:{id:"by-get"}){__typename}}',
    });
    expect(mutation.status).toBe(405);
    const { rows } = await api.pool.query(`SELECT FROM fleet WHERE id = 'by-get'`);
    expect(rows).toEqual([]);
  });

  it('takes no batches', async () => {
    const answer = await send({ type: JSON_TYPE, body: '[{"query":"{ viewer { subject } }"}]' });
    expect(answer.status).toBe(400);
  });

  it.each([
    ['a syntax error', '{ viewer {', {}],
    ['an unknown field', '{ nonsense }', {}],
    ['a bad variable', 'query ($id: ID!) { decision(id: $id) { id } }', {}],
    ['a query too deep', `{ decision(id: "a") { ${'parent { '.repeat(12)} id ${'} '.repeat(13)} }`, {}],
  ])('answers %s with 200 in the old media type and 400 in the new one', async (_what, query, variables) => {
    const old = await post(query, variables);
    const current = await post(query, variables, GRAPHQL_TYPE);
    expect([old.status, current.status]).toEqual([200, 400]);
    for (const answer of [old, current]) {
      expect(answer.json()).not.toHaveProperty('data');
      expect(answer.json().errors[0].extensions).toEqual({ code: 'VALIDATION_FAILED' });
    }
  });

  it('answers introspection', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    expect((await post(getIntrospectionQuery())).json().data.__schema.types.length).toBeGreaterThan(30);
  });
});

describe('GraphQL over HTTP', () => {
  const query = '{ viewer { subject } }';
  const data = { viewer: { subject: 'a-admin' } };
  const types = (answer: Awaited<ReturnType<typeof send>>) => answer.headers.get('content-type')?.replace(/;\s*/, '; ');

  it.each([
    [JSON_TYPE, JSON_TYPE],
    [GRAPHQL_TYPE, GRAPHQL_TYPE],
    ['*/*', JSON_TYPE],
    [`${GRAPHQL_TYPE}, ${JSON_TYPE};q=0.9`, GRAPHQL_TYPE],
  ])('answers a client that accepts %s with %s in UTF-8', async (accept, type) => {
    for (const answer of [
      await send({ type: JSON_TYPE, accept, body: JSON.stringify({ query }) }),
      await send({ method: 'GET', accept, url: `?${new URLSearchParams({ query })}` }),
    ]) {
      expect([answer.status, types(answer)]).toEqual([200, `${type}; charset=utf-8`]);
      expect(answer.json()).toEqual({ data });
    }
  });

  it.each([
    { operationName: null },
    { variables: null },
    { extensions: null },
    { variables: {}, extensions: { any: 'thing' } },
    { operationName: 'Named', query: 'query Named { viewer { subject } }' },
  ])('takes %j beside the query', async (parameters) => {
    expect((await send({ type: JSON_TYPE, body: JSON.stringify({ query, ...parameters }) })).json()).toEqual({ data });
  });

  it('takes variables by GET as JSON', async () => {
    const parameters = { query: 'query ($id: ID!) { decision(id: $id) { id } }', variables: '{"id":"one"}' };
    const answer = await send({ method: 'GET', url: `?${new URLSearchParams(parameters)}` });
    expect(answer.json()).toEqual({ data: { decision: { id: 'one' } } });
  });

  const bodies = [
    '',
    '{',
    '"text"',
    '7',
    '{}',
    ...[null, 7, true, [query], { query }].map((bad) => JSON.stringify({ query: bad })),
    ...[7, true, ['a'], {}].map((operationName) => JSON.stringify({ query, operationName })),
    ...['text', 7, true, []].map((variables) => JSON.stringify({ query, variables })),
    ...['text', 7, true, []].map((extensions) => JSON.stringify({ query, extensions })),
  ];
  it.each(bodies)('refuses the body %s with 400 and errors, whatever is accepted', async (body) => {
    for (const accept of [JSON_TYPE, GRAPHQL_TYPE]) {
      const answer = await send({ type: JSON_TYPE, accept, body });
      expect(answer.status).toBe(400);
      expect(answer.json().errors[0].message).toEqual(expect.any(String));
      expect(answer.json()).not.toHaveProperty('data');
    }
  });

  it.each(['', '?query=', '?variables={}', `?query=${query}&variables={`])('refuses GET %s with 400', async (url) => {
    expect((await send({ method: 'GET', url })).status).toBe(400);
  });
});

describe('limits', () => {
  const tooLarge = async (query: string, variables: object = {}) => {
    const seen = await api.statements(async () => {
      const { errors } = (await post(query, variables)).json();
      expect(errors?.[0]?.extensions.code).toBe('VALIDATION_FAILED');
    });
    expect(seen).toEqual([]);
  };

  it('refuses more than 30 aliases, of __typename too', async () => {
    const aliases = (count: number) => Array.from({ length: count }, (_, index) => `a${index}: __typename`).join(' ');
    await tooLarge(`{ viewer { ${aliases(31)} } }`);
    expect((await post(`{ viewer { ${aliases(30)} } }`)).json().errors).toBeUndefined();
  });

  it('refuses more than 20 directives with one error', async () => {
    const query = `{ viewer { subject ${'@include(if: true) '.repeat(21)} } }`;
    await tooLarge(query);
    const unknown = (await post(`{ viewer { subject ${'@aa '.repeat(50)} } }`)).json();
    expect(unknown.errors.length).toBeLessThanOrEqual(51);
  });

  it('refuses more than 20 root fields', () => tooLarge(`{ ${'__typename '.repeat(21)} }`));

  it('refuses documents over 2,000 tokens', () => tooLarge(`{ viewer { ${'subject '.repeat(2_000)} } }`));

  it('counts what variables ask for', async () => {
    const query = `query ($n: Int) { agents(first: $n) { nodes { decisions(first: $n) { nodes { steps { name } } } } } }`;
    expect((await post(query, { n: 10 })).json().errors).toBeUndefined();
    await tooLarge(query, { n: 100 });
    await tooLarge('query ($n: Int) { decisions(first: $n) { nodes { id } } }', { n: 100_000 });
  });

  it('counts the operation that is run, not another of the document', async () => {
    const deep = `query Deep { decision(id: "a") { ${'parent { '.repeat(12)} id ${'} '.repeat(13)} }`;
    const query = `query Flat { viewer { subject } } ${deep}`;
    const run = async (operationName: string) =>
      (await send({ type: JSON_TYPE, body: JSON.stringify({ query, operationName }) })).json();
    for (const _time of [1, 2, 3]) {
      expect((await run('Deep')).errors[0].extensions.code).toBe('VALIDATION_FAILED');
      expect((await run('Flat')).data.viewer.subject).toBe('a-admin');
    }
  });
});

describe('failures', () => {
  it('masks what is none of the caller’s business and logs it once', async () => {
    const { query } = api.pool;
    logged.length = 0;
    api.pool.query = (() => Promise.reject(new TypeError('relation "secret" does not exist'))) as never;
    try {
      for (const time of [1, 2, 3]) {
        const answer = await post('{ agent(name: "triage") { name } }');
        expect(answer.text).not.toContain('secret');
        expect(answer.json()).toMatchObject({ data: { agent: null }, errors: [{ extensions: { code: 'INTERNAL' } }] });
        expect(logged).toHaveLength(time);
      }
    } finally {
      api.pool.query = query;
    }
    expect(String(logged[0]?.err)).toContain('relation "secret"');
  });

  it('runs one operation of a document after another, each as named', async () => {
    const query = 'query A { viewer { subject } } query B { viewer { roles } }';
    const run = async (operationName: string) =>
      (await send({ type: JSON_TYPE, body: JSON.stringify({ query, operationName }) })).json();
    for (const _time of [1, 2, 3]) {
      expect(await run('A')).toEqual({ data: { viewer: { subject: 'a-admin' } } });
      expect(await run('B')).toEqual({ data: { viewer: { roles: ['ADMIN'] } } });
    }
  });

  it('leaves the rest of an answer standing when one field of it is refused', async () => {
    for (const _time of [1, 2, 3]) {
      const { data, errors } = await api.ask('{ decision(id: "one") { id input outcome } }', {}, { role: 'VIEWER' });
      expect(data).toEqual({ decision: { id: 'one', input: null, outcome: 'SUCCESS' } });
      expect(errors).toMatchObject([{ path: ['decision', 'input'], extensions: { code: 'FORBIDDEN' } }]);
    }
  });
});
