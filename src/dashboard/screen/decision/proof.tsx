import { useEffect, useState } from 'preact/hooks';
import { useQuery } from '../../data/use-query.js';
import { CopyButton } from '../../element/copyable.js';
import { Mark } from '../../element/mark.js';
import { Panel, Skeleton } from '../../element/panel.js';
import { Moment } from '../../figure/moment.js';
import { EntryBefore, type SealedFragment } from './decision.graphql.js';
import type { OneDecision } from './decision.js';
import { type Check, canHash, checkSeal } from './seal.js';

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
  const checks = useChecks(decision, entry);
  const isIntact = checks?.every(({ isTrue }) => isTrue) ?? false;
  return (
    <div class="proof">
      <p>
        Sealed <Moment at={entry.recordedAt} />
        {decision.amendments.length > 0 && `, amended ${decision.amendments.length} times since`}
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
      <Hash name="Hash" value={entry.hash} />
      <Hash name="Entry before" value={entry.previousHash} />
      <details>
        <summary>The sealed text, {entry.canonical.length.toLocaleString('en')} characters</summary>
        <pre class="canonical" tabIndex={0}>
          {entry.canonical}
        </pre>
        <CopyButton text={entry.canonical} what="sealed text" />
      </details>
      <p class="quiet-text">
        This shows that what you read is what entry {entry.seq.toLocaleString('en')} sealed, and that it follows the
        entry before. It does not show what an agent never reported.
      </p>
    </div>
  );
}

function useChecks(decision: OneDecision, entry: SealedFragment): Check[] | null {
  const [checks, setChecks] = useState<Check[] | null>(null);
  const { data } = useQuery(EntryBefore, { seq: entry.seq - 1 }, { isPaused: entry.seq === 0 });
  const hashBefore = entry.seq === 0 ? NO_ENTRY : (data?.ledger.entry?.hash ?? null);
  useEffect(() => {
    if (!canHash()) return;
    const digests = decision.steps.map(({ digest }) => digest);
    void checkSeal(entry, { id: decision.id, digests, hashBefore }).then(setChecks);
  }, [decision, entry, hashBefore]);
  return checks;
}

function CheckLine({ check: { claim, isTrue, detail } }: { check: Check }) {
  return (
    <li title={detail}>
      <Mark tone={isTrue ? 'ok' : 'critical'} word={claim} isQuiet={isTrue} />
      {!isTrue && <code>{detail}</code>}
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
