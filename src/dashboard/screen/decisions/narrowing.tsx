import { useEffect, useState } from 'preact/hooks';
import { hasRole } from '../../data/session.js';
import { Icon } from '../../element/icon.js';
import { place, setParameters } from '../../route/location.js';
import { AgentLine } from '../../text/agent-text.js';
import { withNames } from '../../text/unseen.js';
import type { DecisionsQueryVariables } from './decisions.graphql.js';

type Filter = NonNullable<DecisionsQueryVariables['filter']>;

const SLOW = [
  { value: '1000', word: '1 s or more' },
  { value: '5000', word: '5 s or more' },
  { value: '30000', word: '30 s or more' },
];
const DEAR = [
  { value: '0.01', word: '$0.01 or more' },
  { value: '0.1', word: '$0.10 or more' },
  { value: '1', word: '$1 or more' },
];
const RISKS = [
  { value: 'HIGH_RISK', word: 'High risk' },
  { value: 'ROUTINE', word: 'Routine' },
  { value: 'ADMIN', word: 'Admin' },
];

/** What of the slice is listed, as the URL says it. */
export function narrowingOf(search: URLSearchParams): Filter {
  const of = (name: string) => search.get(name) || undefined;
  const given = {
    text: of('text'),
    outcomes: search.get('outcome') === 'ERROR' ? ['ERROR' as const] : undefined,
    riskClasses: RISKS.some(({ value }) => value === of('risk')) ? [of('risk')] : undefined,
    latencyMsAtLeast: numberOf(of('slow')),
    costUsdAtLeast: numberOf(of('dear')),
    conversationId: of('conversation'),
    traceId: of('trace'),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Filter;
}

function numberOf(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && value > 0 ? value : undefined;
}

export function Narrowing() {
  const { search } = place.value;
  const isFailed = search.get('outcome') === 'ERROR';
  return (
    <div class="narrowing" role="search" aria-label="Decisions">
      {hasRole('OPERATOR', 'AUDITOR', 'ADMIN') && <TextSearch />}
      <div class="either" role="group" aria-label="Outcome">
        <button type="button" aria-pressed={!isFailed} onClick={() => setParameters({ outcome: null })}>
          All
        </button>
        <button type="button" aria-pressed={isFailed} onClick={() => setParameters({ outcome: 'ERROR' })}>
          Failed
        </button>
      </div>
      <Choice name="slow" word="Latency" choices={SLOW} />
      <Choice name="dear" word="Cost" choices={DEAR} />
      <Choice name="risk" word="Risk" choices={RISKS} />
      {['conversation', 'trace'].map((name) => {
        const value = search.get(name);
        if (value === null) return null;
        return (
          <button
            key={name}
            type="button"
            class="chip"
            aria-label={`${name} ${withNames(value)}: remove`}
            onClick={() => setParameters({ [name]: null })}
          >
            <span class="word">{name}</span> <AgentLine text={value} /> <Icon name="close" />
          </button>
        );
      })}
    </div>
  );
}

const TYPED_MS = 350;

/** Searched for when the typing pauses; the steps of it do not fill the history. */
function TextSearch() {
  const text = place.value.search.get('text') ?? '';
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return undefined;
    const timer = setTimeout(
      () => setParameters({ text: typed === '' ? null : typed }, { isStep: text === '' }),
      TYPED_MS,
    );
    return () => clearTimeout(timer);
  }, [typed, text]);
  return (
    <input
      type="search"
      aria-label="Search in requests and answers"
      placeholder="Search in requests and answers"
      value={typed}
      onInput={(event) => setTyped(event.currentTarget.value)}
    />
  );
}

function Choice({ name, word, choices }: { name: string; word: string; choices: { value: string; word: string }[] }) {
  return (
    <select
      aria-label={word}
      value={place.value.search.get(name) ?? ''}
      onChange={(event) => setParameters({ [name]: event.currentTarget.value || null })}
    >
      <option value="">{word}</option>
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.word}
        </option>
      ))}
    </select>
  );
}
