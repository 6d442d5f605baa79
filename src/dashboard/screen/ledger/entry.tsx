import { useEffect, useState } from 'preact/hooks';
import { useQuery } from '../../data/use-query.js';
import { CopyButton } from '../../element/copyable.js';
import { Mark } from '../../element/mark.js';
import { Empty, FailureNotice, Skeleton } from '../../element/panel.js';
import { asTitle } from '../../figure/format.js';
import { Moment } from '../../figure/moment.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import { canHash } from '../decision/seal.js';
import { bundleHref } from './bundle.js';
import { LedgerEntryProof, type LedgerEntryProofQuery } from './ledger.graphql.js';
import { LevelMark } from './level-mark.js';
import { checkProof, type ProofOfEntry, type ProofVerdict } from './proof.js';
import '../../element/whole.css';

type Proven = LedgerEntryProofQuery['ledger'];
type Sealed = NonNullable<Proven['entry']>;

/** One entry with its proof, which this browser checks from the text up. */
export function Entry({ seq }: { seq: number }) {
  const isSeq = Number.isSafeInteger(seq) && seq >= 0;
  const { data, failure, refresh } = useQuery(LedgerEntryProof, { seq }, { isPaused: !isSeq });
  if (failure !== null) return <FailureNotice failure={failure} onRetry={refresh} />;
  if (isSeq && data === null) return <Skeleton rows={8} height="1.25rem" />;
  const entry = data?.ledger.entry ?? null;
  if (data === null || entry === null) return <Empty title="There is no such entry in this ledger" />;
  return (
    <article class="whole">
      <header>
        <p class="marks">
          <Mark tone="info" word={asTitle(entry.kind)} />
          <LevelMark level={entry.level} />
          <span class="quiet-text">
            sealed <Moment at={entry.recordedAt} />
          </span>
        </p>
        <h2>Entry {entry.seq.toLocaleString('en')}</h2>
        <p class="lead">
          <About entry={entry} />
        </p>
      </header>
      <Proof ledger={data.ledger} entry={entry} />
      <section aria-label="The sealed text">
        <h3>The sealed text</h3>
        <div class="sealed-text">
          <pre tabIndex={0}>{entry.canonical}</pre>
          <CopyButton text={entry.canonical} what="sealed text" />
        </div>
      </section>
    </article>
  );
}

function isOfDecision({ kind }: Sealed): boolean {
  return kind === 'DECISION' || kind === 'AMENDMENT';
}

function About({ entry }: { entry: Sealed }) {
  const { kind, subject } = entry;
  if (isOfDecision(entry)) {
    return (
      <Link to={`/decisions/${encodeURIComponent(subject)}`}>
        <AgentLine text={subject} />
      </Link>
    );
  }
  if (kind === 'ALERT' && subject.startsWith('Alert:')) {
    return (
      <Link to="/alerts" own={{ alert: subject.slice('Alert:'.length), state: 'all' }}>
        <AgentLine text={subject} />
      </Link>
    );
  }
  return <AgentLine text={subject} />;
}

function Proof({ ledger, entry }: { ledger: Proven; entry: Sealed }) {
  const [isTampered, setTampered] = useState(false);
  const { inclusionProof, publicKey } = ledger;
  const { leafIndex, treeSize, hashes, checkpoint, tlogProof } = inclusionProof;
  const shown = isTampered ? { ...entry, canonical: tamper(entry.canonical) } : entry;
  const verdict = useVerdict({
    entry: shown,
    path: { leafIndex, treeSize, hashes },
    note: checkpoint?.note ?? null,
    publicKey,
  });
  return (
    <section aria-label="Proof">
      <h3>Proof</h3>
      <div class="entry-proof">
        {!canHash() ? (
          <p class="quiet-text">
            This page did not come over HTTPS, so the browser does not hash for it. <code>npx midwatch verify</code>{' '}
            does.
          </p>
        ) : verdict === null ? (
          <Skeleton rows={4} />
        ) : (
          <Checked verdict={verdict} isTampered={isTampered} />
        )}
        <Path hashes={hashes} leafIndex={leafIndex} treeSize={treeSize} />
        <div class="buttons">
          <button type="button" aria-pressed={isTampered} onClick={() => setTampered(!isTampered)}>
            {isTampered ? 'Take the text as it was sealed' : 'Try it with one character changed'}
          </button>
          {tlogProof !== null && (
            <Download text={tlogProof} name={`entry-${entry.seq}.tlog-proof`} word="Download the proof" />
          )}
          <Download text={entry.canonical} name={`entry-${entry.seq}.json`} word="Download the entry" />
          {tlogProof !== null && isOfDecision(entry) && (
            <a class="button" href={bundleHref(entry.subject)} download>
              Bundle of this decision
            </a>
          )}
        </div>
      </div>
    </section>
  );
}

function useVerdict(proof: ProofOfEntry): ProofVerdict | null {
  const [verdict, setVerdict] = useState<ProofVerdict | null>(null);
  const key = JSON.stringify(proof);
  // The key stands for the proof
  useEffect(() => {
    let isWanted = true;
    if (canHash()) {
      void checkProof(JSON.parse(key)).then((found) => {
        if (isWanted) setVerdict(found);
      });
    }
    return () => {
      isWanted = false;
    };
  }, [key]);
  return verdict;
}

function Checked({ verdict: { checks, notChecked }, isTampered }: { verdict: ProofVerdict; isTampered: boolean }) {
  const isProven = checks.every(({ isTrue }) => isTrue);
  const word = isProven
    ? notChecked.length === 0
      ? 'Proven, in this browser'
      : 'Nothing wrong found'
    : 'Not as it was sealed';
  return (
    <>
      <p role="status">
        <Mark tone={isProven ? 'ok' : 'critical'} word={word} />
        {isTampered && (
          <span class="quiet-text"> with one character of the text changed here, on this screen alone</span>
        )}
      </p>
      <ul class="proof-checks">
        {checks.map(({ claim, isTrue, detail }) => (
          <li key={claim} title={detail}>
            <Mark tone={isTrue ? 'ok' : 'critical'} word={isTrue ? claim : `Not so: ${claim}`} isQuiet={isTrue} />
            {!isTrue && <code>{detail}</code>}
          </li>
        ))}
        {notChecked.map((what) => (
          <li key={what}>
            <Mark tone="info" word="Not checked" isQuiet /> {what}
          </li>
        ))}
      </ul>
    </>
  );
}

/** The hashes beside the way from the entry up to the root. */
function Path({ hashes, leafIndex, treeSize }: { hashes: readonly string[]; leafIndex: number; treeSize: number }) {
  return (
    <details class="proof-path">
      <summary>
        The path: {hashes.length} hashes from entry {leafIndex.toLocaleString('en')} to the root of{' '}
        {treeSize.toLocaleString('en')}
      </summary>
      <ol>
        {hashes.map((hash) => (
          <li key={hash}>
            <code>{hash}</code>
          </li>
        ))}
      </ol>
    </details>
  );
}

function Download({ text, name, word }: { text: string; name: string; word: string }) {
  const [href, setHref] = useState('');
  useEffect(() => {
    const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
    setHref(url);
    return () => URL.revokeObjectURL(url);
  }, [text]);
  return (
    <a class="button" href={href} download={name}>
      {word}
    </a>
  );
}

/** Changes the last digit of the text into another. */
function tamper(canonical: string): string {
  return canonical.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
}
