import { useState } from 'preact/hooks';
import { useAct } from '../../data/use-act.js';
import { useQuery } from '../../data/use-query.js';
import { Copyable } from '../../element/copyable.js';
import { Mark } from '../../element/mark.js';
import { Empty, FailureNotice, Panel, Skeleton } from '../../element/panel.js';
import { RefusalNotice } from '../../element/refusal.js';
import { inWords } from '../../figure/format.js';
import { Moment } from '../../figure/moment.js';
import { AgentLine } from '../../text/agent-text.js';
import { ApiKeys, type ApiKeysQuery, CreateApiKey, RevokeApiKey, type Role } from './settings.graphql.js';
import '../../element/data-table.css';

type Key = ApiKeysQuery['fleet']['apiKeys'][number];

/** What machines sign in with. A key is shown when it is made, and never again. */
export function Keys() {
  const { data, failure, refresh } = useQuery(ApiKeys, {});
  const [made, setMade] = useState<{ name: string; key: string } | null>(null);
  return (
    <Panel title="API keys" aside="of this fleet">
      <MakeKey
        onMade={(key) => {
          setMade(key);
          refresh();
        }}
      />
      {made !== null && <Made made={made} onSeen={() => setMade(null)} />}
      {failure !== null && <FailureNotice failure={failure} onRetry={refresh} />}
      {data === null ? (
        failure === null && <Skeleton rows={3} />
      ) : (
        <Table keys={data.fleet.apiKeys} onChanged={refresh} />
      )}
    </Panel>
  );
}

const ROLES: readonly { role: Role; word: string }[] = [
  { role: 'INGEST', word: 'Ingest: sends telemetry' },
  { role: 'VIEWER', word: 'Viewer' },
  { role: 'OPERATOR', word: 'Operator' },
  { role: 'AUDITOR', word: 'Auditor' },
  { role: 'ADMIN', word: 'Admin' },
];

function MakeKey({ onMade }: { onMade: (made: { name: string; key: string }) => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('INGEST');
  const { isBusy, refusal, act } = useAct();
  const make = async (event: Event) => {
    event.preventDefault();
    const done = await act(CreateApiKey, { input: { name: name.trim(), role } });
    if (done === null) return;
    setName('');
    onMade({ name: done.apiKey.name, key: done.key });
  };
  return (
    <form class="settings-form" onSubmit={make}>
      <input
        type="text"
        aria-label="What the key is for"
        placeholder="What it is for, such as collector-eu"
        required
        maxLength={200}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <select
        aria-label="Role of the key"
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as Role)}
      >
        {ROLES.map((each) => (
          <option key={each.role} value={each.role}>
            {each.word}
          </option>
        ))}
      </select>
      <button type="submit" class="primary" disabled={isBusy || name.trim() === ''}>
        Make a key
      </button>
      <RefusalNotice refusal={refusal} />
    </form>
  );
}

function Made({ made: { name, key }, onSeen }: { made: { name: string; key: string }; onSeen: () => void }) {
  return (
    <div class="made" role="status">
      <p>
        <b>
          The key of <AgentLine text={name} />
        </b>{' '}
        is shown this once. Put it where it is used, now.
      </p>
      <Copyable text={key} what="key" />
      <Copyable
        text={`OTEL_EXPORTER_OTLP_ENDPOINT=${window.location.origin}\nOTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20${key}"`}
        what="environment of an agent"
      />
      <button type="button" onClick={onSeen}>
        I have it
      </button>
    </div>
  );
}

function Table({ keys, onChanged }: { keys: readonly Key[]; onChanged: () => void }) {
  if (keys.length === 0) {
    return <Empty title="No key was made yet">An agent needs one with the role ingest to send its telemetry.</Empty>;
  }
  return (
    <section class="table-scroll" aria-label="API keys" tabIndex={0}>
      <table class="data-table">
        <thead>
          <tr>
            <th scope="col">For</th>
            <th scope="col">Role</th>
            <th scope="col">Made</th>
            <th scope="col">By</th>
            <th scope="col">State</th>
            <th scope="col">
              <span class="visually-hidden">What to do</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {[...keys].reverse().map((key) => (
            <Row key={key.id} apiKey={key} onChanged={onChanged} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ apiKey, onChanged }: { apiKey: Key; onChanged: () => void }) {
  const { name, role, createdAt, createdBy, revokedAt } = apiKey;
  return (
    <tr>
      <th scope="row">
        <AgentLine text={name} />
      </th>
      <td>{inWords(role)}</td>
      <td>
        <Moment at={createdAt} />
      </td>
      <td>
        <AgentLine text={createdBy} />
      </td>
      <td>
        {revokedAt === null ? (
          <Mark tone="ok" word="Works" isQuiet />
        ) : (
          <>
            <Mark tone="silent" word="Revoked" /> <Moment at={revokedAt} />
          </>
        )}
      </td>
      <td>{revokedAt === null && <Revoke apiKey={apiKey} onChanged={onChanged} />}</td>
    </tr>
  );
}

function Revoke({ apiKey: { id, name }, onChanged }: { apiKey: Key; onChanged: () => void }) {
  const [isSure, setSure] = useState(false);
  const { isBusy, refusal, act } = useAct();
  const revoke = async () => {
    if ((await act(RevokeApiKey, { id })) !== null) onChanged();
  };
  if (!isSure) {
    return (
      <button type="button" aria-label={`Revoke ${name} …`} onClick={() => setSure(true)}>
        Revoke …
      </button>
    );
  }
  return (
    <span class="sure">
      <button type="button" class="danger" disabled={isBusy} onClick={revoke}>
        Revoke: nobody gets in with it
      </button>
      <button type="button" class="quiet" onClick={() => setSure(false)}>
        Keep it
      </button>
      <RefusalNotice refusal={refusal} />
    </span>
  );
}
