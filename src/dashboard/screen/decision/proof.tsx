import { useEffect, useState } from 'preact/hooks';
import { useQuery } from '../../data/use-query.js';
import { CopyButton } from '../../element/copyable.js';
import { Mark } from '../../element/mark.js';
import { Panel, Skeleton } from '../../element/panel.js';
import { counted } from '../../figure/format.js';
import { Moment } from '../../figure/moment.js';
import { AgentLine } from '../../text/agent-text.js';
import { withNames } from '../../text/unseen.js';
import { EntryProof, type EntryProofQuery, type SealedFragment } from './decision.graphql.js';
import type { OneDecision } from './decision.js';
import { type Check, canHash, checkLink, checkPublication, checkSeal } from './seal.js';

const NO_ENTRY = '0'.repeat(64);

/** The ledger’s entry that seals the decision, checked by this browser and not by the server that shows it. */
export function Proof({ decision }: { decision: OneDecision }) {
  const entry = decision.ledgerEntry;
  return (
    <Panel title="Proof" aside={entry === null ? undefined : `entry ${entry.seq.toLocaleString('en')}`}>
      {entry === null ? <p class="note">It is not sealed yet.</p> : <Sealed decision={decision} entry={entry} />}
    </Panel>
  );
}

function Sealed({ decision, entry }: { decision: OneDecision; entry: SealedFragment }) {
  const { checks, told } = useChecks(decision, entry);
  const isIntact = checks?.every(({ isTrue }) => isTrue) ?? false;
  return (
    <div class="proof">
      <p>
        Sealed <Moment at={entry.recordedAt} />
        {decision.amendments.length > 0 && `, amended ${counted(decision.amendments.length, 'time')} since`}
      </p>
      {!canHash() ? (
        <p class="note">
          This page did not come over HTTPS, so the browser does not hash for it. <code>npx midwatch verify</code> does.
        </p>
      ) : checks === null ? (
        <Skeleton rows={3} />
      ) : (
        <>
          <p role="status">
            <Mark
              tone={isIntact ? 'ok' : 'critical'}
              word={isIntact ? 'Intact, checked in this browser' : 'Not as it was sealed'}
            />
          </p>
          <ul class="checks">
            {checks.map((check) => (
              <CheckLine key={check.claim} check={check} />
            ))}
          </ul>
        </>
      )}
      <Published told={told} />
      <Hash name="Hash" value={entry.hash} />
      <Hash name="Entry before" value={entry.previousHash} />
      <details>
        <summary>The sealed text, {entry.canonical.length.toLocaleString('en')} characters</summary>
        <pre class="canonical" tabIndex={0}>
          {withNames(entry.canonical)}
        </pre>
        <CopyButton text={entry.canonical} what="sealed text" />
      </details>
      <p class="quiet-text">
        This shows that what you read is what entry {entry.seq.toLocaleString('en')} sealed, and that it stands in the
        tree whose head this installation signed. That the key is this installation’s, you have to know from elsewhere;
        and nothing shows what an agent never reported.
      </p>
    </div>
  );
}

/** How soon it is asked again whether an entry is published: that takes a second. */
const PUBLISHED_AGAIN_MS = 1_500;

function useChecks(decision: OneDecision, entry: SealedFragment): { checks: Check[] | null; told: Told | null } {
  const [checks, setChecks] = useState<Check[] | null>(null);
  const { data, failure, refresh } = useQuery(EntryProof, { seq: entry.seq, before: Math.max(0, entry.seq - 1) });
  const ledger = data?.ledger ?? null;
  useEffect(() => {
    if (failure === null || failure.code === 'FORBIDDEN') return undefined;
    const timer = setTimeout(refresh, PUBLISHED_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [failure, refresh]);
  useEffect(() => {
    if (!canHash()) return undefined;
    let isWanted = true;
    void checksOf(decision, entry, ledger).then((done) => {
      if (isWanted) setChecks(done);
    });
    return () => {
      isWanted = false;
    };
  }, [decision, entry, ledger]);
  return { checks, told: ledger };
}

type Told = EntryProofQuery['ledger'];

async function checksOf(decision: OneDecision, entry: SealedFragment, told: Told | null): Promise<Check[]> {
  const digests = decision.steps.map(({ digest }) => digest);
  const sealed = await checkSeal(entry, { id: decision.id, digests });
  if (told === null) return sealed;
  const { before, publicKey, inclusionProof } = told;
  const hashBefore = entry.seq === 0 ? NO_ENTRY : (before?.hash ?? '');
  const note = inclusionProof.checkpoint?.note ?? null;
  const published = await checkPublication(entry, { ...inclusionProof, note, publicKey });
  return [...sealed, checkLink(entry, hashBefore), ...published];
}

/** What the installation says of the tree’s head, and what it is good for elsewhere. */
function Published({ told }: { told: Told | null }) {
  if (told === null) return <p class="quiet-text">Not published yet: that takes a second.</p>;
  const { checkpoint, tlogProof } = told.inclusionProof;
  if (checkpoint === null) return null;
  const witnesses = checkpoint.cosignatures.map(({ name }) => name).join(', ');
  return (
    <>
      <p>
        Published <Moment at={checkpoint.signedAt} />,{' '}
        {checkpoint.witnessedAt === null ? 'witnessed by nobody yet' : `witnessed by ${witnesses}`}
      </p>
      {tlogProof !== null && (
        <details>
          <summary>The proof, to be checked offline</summary>
          <pre class="canonical" tabIndex={0}>
            {tlogProof}
          </pre>
          <CopyButton text={tlogProof} what="proof" />
        </details>
      )}
    </>
  );
}

function CheckLine({ check: { claim, isTrue, detail } }: { check: Check }) {
  return (
    <li title={withNames(detail)}>
      <Mark tone={isTrue ? 'ok' : 'critical'} word={claim} isQuiet={isTrue} />
      {!isTrue && (
        <code>
          <AgentLine text={detail} />
        </code>
      )}
    </li>
  );
}

function Hash({ name, value }: { name: string; value: string }) {
  return (
    <div class="hash">
      <span class="quiet-text">{name}</span>
      <code title={value}>
        {value.slice(0, 16)}…{value.slice(-8)}
      </code>
      <CopyButton text={value} what={name.toLowerCase()} />
    </div>
  );
}
