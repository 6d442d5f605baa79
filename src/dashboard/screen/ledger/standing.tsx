import { useState } from 'preact/hooks';
import { type Failure, toFailure } from '../../data/failure.js';
import { request } from '../../data/request.js';
import { Copyable, CopyButton } from '../../element/copyable.js';
import { Mark } from '../../element/mark.js';
import { FailureNotice, Panel } from '../../element/panel.js';
import { formatDuration } from '../../figure/format.js';
import { Age, Moment } from '../../figure/moment.js';
import { fleet } from '../../route/slice.js';
import { AgentLine } from '../../text/agent-text.js';
import { bundleHref } from './bundle.js';
import { type LedgerStateQuery, VerifyLedger, type VerifyLedgerQuery } from './ledger.graphql.js';

type State = LedgerStateQuery['ledger'];

/** Where the ledger stands: how far it is signed and by whom it is witnessed, and whether it is as it was sealed. */
export function Standing({ ledger }: { ledger: State }) {
  const { size, head, checkpoint, publicKey } = ledger;
  return (
    <Panel title="The ledger" aside={checkpoint?.origin}>
      <div class="standing">
        <p class="state-line">
          <b>{size.toLocaleString('en')}</b> entries
          {checkpoint !== null && (
            <>
              , signed to <b>{checkpoint.size.toLocaleString('en')}</b> <Age at={checkpoint.signedAt} />
            </>
          )}
          <Witnesses checkpoint={checkpoint} />
        </p>
        <Standstill ledger={ledger} />
        <Verify />
        {checkpoint !== null && <Bundle size={checkpoint.size} />}
        <dl class="standing-facts">
          {head !== null && <Hash name="Head" value={head.hash} />}
          {checkpoint !== null && <Hash name="Signed root" value={checkpoint.rootHash} />}
          <Hash name="Public key" value={publicKey} />
        </dl>
        <details>
          <summary>Checkpoint, keys, and how to check it elsewhere</summary>
          <Elsewhere ledger={ledger} />
        </details>
        <p class="shows">
          <b>This shows</b> that entries are in the order in which they were sealed and that none was changed, left out
          or put in since a head was signed. <b>It does not show</b> what an agent never reported, nor who holds the
          key: keep the public key, or have a witness, outside of this server.
        </p>
      </div>
    </Panel>
  );
}

/** Why the ledger takes no entries, and what was done meanwhile. */
function Standstill({ ledger: { contradictions, owed } }: { ledger: State }) {
  const standing = contradictions.filter(({ overAt }) => overAt === null);
  if (standing.length === 0 && owed === null) return null;
  return (
    <div role="status">
      <p>
        <Mark tone="critical" word="The ledger stands still" /> What must not wait is done all the same, and a bundle is
        given out: their entries are owed.
      </p>
      {standing.map(({ witness, kind, witnessSize, ownSize }) => (
        <p key={witness}>
          The witness <b>{witness}</b> has cosigned {witnessSize.toLocaleString('en')} entries
          {kind === 'AHEAD' ? `, this database has ${ownSize.toLocaleString('en')}` : ' that differ from those here'}.
        </p>
      ))}
      {owed !== null && (
        <p>
          <b>{owed.entries.toLocaleString('en')}</b> {owed.entries === 1 ? 'entry is' : 'entries are'} owed, the first
          since <Moment at={owed.since} />: kept in this copy of the database, and sealed once the ledger goes on.
        </p>
      )}
    </div>
  );
}

function Witnesses({ checkpoint }: { checkpoint: State['checkpoint'] }) {
  if (checkpoint === null) return <Mark tone="warning" word="Not signed yet" />;
  const names = checkpoint.cosignatures.map(({ name }) => name);
  if (names.length === 0) return <Mark tone="info" word="No witness" />;
  return <Mark tone="ok" word={`Witnessed by ${names.join(', ')}`} />;
}

/** Everything that is signed, to be checked where this server has no say. */
function Bundle({ size }: { size: number }) {
  return (
    <p class="bundle">
      <a class="button" href={bundleHref()} download>
        Download the bundle
      </a>
      <span class="quiet-text">
        {size.toLocaleString('en')} entries with what proves them, for <code>midwatch verify</code>. What was said and
        answered is not in it.
      </span>
    </p>
  );
}

function Hash({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code title={value}>{value.length > 44 ? `${value.slice(0, 32)}…${value.slice(-8)}` : value}</code>
        <CopyButton text={value} what={name.toLowerCase()} />
      </dd>
    </div>
  );
}

type Verdict = VerifyLedgerQuery['ledger']['verify'] & { tookMs: number };

/** The server walks every entry. What it says of itself is one thing; each entry’s proof is checked in the browser. */
function Verify() {
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const verify = async () => {
    setBusy(true);
    setFailure(null);
    const startedMs = performance.now();
    try {
      const { data } = await request(VerifyLedger, {});
      setVerdict({ ...data.ledger.verify, tookMs: performance.now() - startedMs });
    } catch (error) {
      setFailure(toFailure(error));
    }
    setBusy(false);
  };
  return (
    <div class="verify">
      <button type="button" class="primary" disabled={isBusy} onClick={verify}>
        {isBusy ? 'Walking every entry …' : 'Verify now'}
      </button>
      <div role="status">{verdict !== null && !isBusy && <Result verdict={verdict} />}</div>
      {failure !== null && <FailureNotice failure={failure} />}
    </div>
  );
}

function Result({ verdict: { intact, checked, faultSeq, fault, tookMs } }: { verdict: Verdict }) {
  if (intact) {
    return (
      <p>
        <Mark tone="ok" word="Intact" /> {checked.toLocaleString('en')} entries walked in {formatDuration(tookMs)}: no
        gap, every hash that of its text, every entry linked to the one before, columns as sealed.
      </p>
    );
  }
  return (
    <p>
      <Mark tone="critical" word="Not as it was sealed" /> Entry {faultSeq?.toLocaleString('en')}:{' '}
      <AgentLine text={fault ?? ''} />. {checked.toLocaleString('en')} entries before it are good.
    </p>
  );
}

function Elsewhere({ ledger: { checkpoint, keys } }: { ledger: State }) {
  const name = fleet.value ?? 'default';
  return (
    <div class="elsewhere">
      {checkpoint !== null && (
        <>
          <h3>Checkpoint</h3>
          <Copyable text={checkpoint.note} what="checkpoint" />
          {checkpoint.witnessedAt !== null && (
            <p class="quiet-text">
              Witnessed <Moment at={checkpoint.witnessedAt} />
            </p>
          )}
        </>
      )}
      <h3>Keys</h3>
      <ul>
        {keys.map(({ id, publicKey, fromSize, toSize, revokedAt }) => (
          <li key={id}>
            <code>{publicKey}</code>{' '}
            <span class="quiet-text">
              signs from size {fromSize.toLocaleString('en')}
              {toSize === null ? ' on' : ` to ${toSize.toLocaleString('en')}`}
            </span>
            {revokedAt !== null && <Mark tone="critical" word="Revoked" />}
          </li>
        ))}
      </ul>
      <h3>Check a bundle without this server</h3>
      <Copyable
        text={`npx midwatch verify midwatch-ledger-${name}.jsonl --public-key '${keys[0]?.publicKey ?? ''}'`}
        what="commands"
      />
    </div>
  );
}
