import { useState } from 'preact/hooks';
import { session } from '../data/session.js';
import { useQuery } from '../data/use-query.js';
import { Icon } from '../element/icon.js';
import { FailureNotice, Skeleton } from '../element/panel.js';
import { Popup } from '../element/popup.js';
import { formatCount } from '../figure/format.js';
import { describeRange, LASTS, windowOf } from '../route/range.js';
import { changeSlice, FACETS, type Facet, fleet, slice } from '../route/slice.js';
import { AgentLine } from '../text/agent-text.js';
import { withNames } from '../text/unseen.js';
import { Facets } from './facets.graphql.js';
import { OwnRange } from './own-range.js';
import './slice-bar.css';

/** What is looked at, and how to look at something else: the same on every screen. */
export function SliceBar() {
  const { range } = slice.value;
  return (
    <div class="slice-bar" role="group" aria-label="What is shown">
      <FleetChoice />
      <Popup name={`Time: ${describeRange(range)}`} label={<RangeLabel />}>
        {(close) => (
          <>
            <div class="choices">
              {LASTS.map((last) => (
                <button
                  key={last}
                  type="button"
                  aria-pressed={'last' in range && range.last === last}
                  onClick={() => {
                    changeSlice({ range: { last } });
                    close();
                  }}
                >
                  {describeRange({ last })}
                </button>
              ))}
            </div>
            <OwnRange onChosen={close} />
          </>
        )}
      </Popup>
      <Popup
        name="Filter by"
        label={
          <>
            <Icon name="filter" />
            <span class="wide">Filter</span>
          </>
        }
      >
        {() => <FacetChoices />}
      </Popup>
      <Chips />
    </div>
  );
}

function RangeLabel() {
  return (
    <>
      <Icon name="clock" />
      {describeRange(slice.value.range)}
    </>
  );
}

function FleetChoice() {
  const fleets = session.value?.viewer?.fleets ?? [];
  if (fleets.length < 2) return null;
  return (
    <Popup name={`Fleet: ${fleet.value}`} label={<bdi>{fleet.value}</bdi>}>
      {(close) => (
        <div class="choices">
          {fleets.map((id) => (
            <button
              key={id}
              type="button"
              aria-pressed={id === fleet.value}
              onClick={() => {
                changeSlice({ fleet: id });
                close();
              }}
            >
              <bdi>{id}</bdi>
            </button>
          ))}
        </div>
      )}
    </Popup>
  );
}

/** What the slice is narrowed to, each to be taken away again. */
function Chips() {
  const chosen = FACETS.flatMap(({ facet, word }) => slice.value[facet].map((value) => ({ facet, word, value })));
  return (
    <>
      {chosen.map(({ facet, word, value }) => (
        <button
          key={`${facet} ${value}`}
          type="button"
          class="chip"
          aria-label={`${word} ${withNames(value)}: remove`}
          onClick={() => changeSlice({ [facet]: slice.value[facet].filter((other) => other !== value) })}
        >
          <span class="word">{word}</span>
          <AgentLine text={value} />
          <Icon name="close" />
        </button>
      ))}
    </>
  );
}

function FacetChoices() {
  const [now] = useState(Date.now);
  const [sought, setSought] = useState('');
  const { from, to } = windowOf(slice.value.range, now);
  const { data, failure, refresh } = useQuery(Facets, { from, to });
  if (failure !== null) return <FailureNotice failure={failure} onRetry={refresh} />;
  if (data === null) return <Skeleton rows={6} />;
  const isSought = (value: string) => value.toLowerCase().includes(sought.trim().toLowerCase());
  return (
    <div class="facets">
      <input
        type="search"
        aria-label="Find a value"
        placeholder="Find an agent, model, segment …"
        value={sought}
        onInput={(event) => setSought(event.currentTarget.value)}
      />
      {FACETS.map(({ facet, word }) => (
        <FacetValues
          key={facet}
          facet={facet}
          word={word}
          values={data[facet].flatMap(({ labels: [label], value }) =>
            label === undefined || label.isFolded || label.value === '' || !isSought(label.value)
              ? []
              : [{ name: label.value, decisions: value ?? 0 }],
          )}
        />
      ))}
    </div>
  );
}

const SHOWN_MAX = 8;

function FacetValues({
  facet,
  word,
  values,
}: {
  facet: Facet;
  word: string;
  values: { name: string; decisions: number }[];
}) {
  const [isWhole, setWhole] = useState(false);
  if (values.length === 0) return null;
  const chosen = slice.value[facet];
  const toggle = (name: string) =>
    changeSlice({ [facet]: chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name] });
  return (
    <div role="group" aria-label={word}>
      <h3>{word}</h3>
      <div class="choices">
        {(isWhole ? values : values.slice(0, SHOWN_MAX)).map(({ name, decisions }) => (
          <button key={name} type="button" aria-pressed={chosen.includes(name)} onClick={() => toggle(name)}>
            <AgentLine text={name} />
            <span class="count">{formatCount(decisions)}</span>
          </button>
        ))}
        {!isWhole && values.length > SHOWN_MAX && (
          <button type="button" class="quiet" onClick={() => setWhole(true)}>
            {values.length - SHOWN_MAX} more
          </button>
        )}
      </div>
    </div>
  );
}
