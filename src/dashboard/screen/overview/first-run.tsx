import { useState } from 'preact/hooks';
import { type Failure, toFailure } from '../../data/failure.js';
import { request } from '../../data/request.js';
import { hasRole } from '../../data/session.js';
import { useLive } from '../../data/use-live.js';
import { Copyable } from '../../element/copyable.js';
import { FailureNotice, Panel } from '../../element/panel.js';
import { fleet } from '../../route/slice.js';
import { FirstDecision, MakeIngestKey } from './first-run.graphql.js';
import './first-run.css';

const KEY_NAME = 'first agent';

/** A fleet of which nothing is known yet: how to point an agent here. What it sends first makes the overview. */
export function FirstRun({ after, onFirst }: { after: string; onFirst: () => void }) {
  const [key, setKey] = useState<string | null>(null);
  useLive(FirstDecision, {
    variables: {},
    after,
    placeOf: ({ decisionRecorded }) => decisionRecorded.id,
    onEvents: onFirst,
  });
  const url = window.location.origin;
  const shown = key ?? '<key>';
  return (
    <div class="first-run">
      <h1>Nothing has been sent to {fleet.value} yet</h1>
      <p class="quiet-text">
        Point the OpenTelemetry exporter that your agents already have at this server. This page turns into the overview
        the moment the first decision is sealed.
      </p>
      <ol>
        <li>
          <Panel title="1. A key for the agent">
            <KeyMaker apiKey={key} onKey={setKey} />
          </Panel>
        </li>
        <li>
          <Panel title="2. Three lines in the agent’s environment">
            <Copyable
              text={[
                `export OTEL_EXPORTER_OTLP_ENDPOINT=${url}`,
                'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
                `export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20${shown}"`,
              ].join('\n')}
              what="environment"
            />
          </Panel>
        </li>
        <li>
          <Panel title="Or try it from here">
            <p class="quiet-text">One decision without any agent, by curl, or a simulated fleet of thirty agents:</p>
            <Copyable text={curlOf(url, shown)} what="curl command" />
            <Copyable text="npm run demo" what="demo command" />
          </Panel>
        </li>
      </ol>
      <p class="waiting" role="status">
        <span class="pulse" />
        Waiting for the first decision
      </p>
    </div>
  );
}

function KeyMaker({ apiKey, onKey }: { apiKey: string | null; onKey: (key: string) => void }) {
  const [failure, setFailure] = useState<Failure | string | null>(null);
  if (apiKey !== null) {
    return (
      <>
        <p class="quiet-text">It may send and read nothing. This is the only time that it is shown.</p>
        <Copyable text={apiKey} what="key" />
      </>
    );
  }
  if (!hasRole('ADMIN')) {
    return <p class="quiet-text">Ask an administrator for a key of the role INGEST: your own role cannot make one.</p>;
  }
  const make = async () => {
    try {
      const { data } = await request(MakeIngestKey, { input: { role: 'INGEST', name: KEY_NAME } });
      const made = data.createApiKey;
      if (made.__typename === 'CreateApiKeySuccess') onKey(made.key);
      else setFailure(made.message);
    } catch (error) {
      setFailure(toFailure(error));
    }
  };
  return (
    <>
      <button type="button" class="primary" onClick={make}>
        Make a key
      </button>
      {typeof failure === 'string' && <p role="alert">{failure}</p>}
      {failure !== null && typeof failure !== 'string' && <FailureNotice failure={failure} />}
    </>
  );
}

function curlOf(url: string, key: string): string {
  const [start, end] = [new Date(Date.now() - 1_500).toISOString(), new Date().toISOString()];
  const decision = {
    id: `hello-${Date.now()}`,
    agent: 'hello',
    startedAt: start,
    endedAt: end,
    input: 'Is anybody there?',
    output: 'The watch is set.',
  };
  const query = 'mutation ($input: RecordDecisionsInput!) { recordDecisions(input: $input) { __typename } }';
  const body = JSON.stringify({ query, variables: { input: { decisions: [decision] } } });
  return `curl -s ${url}/graphql -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d '${body}'`;
}
