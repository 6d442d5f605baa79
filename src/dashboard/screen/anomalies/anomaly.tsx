import { useQuery } from '../../data/use-query.js';
import { DecisionLines } from '../../element/decision-lines.js';
import { Mark, SeverityMark } from '../../element/mark.js';
import { Empty, FailureNotice, Skeleton } from '../../element/panel.js';
import { TableHead } from '../../element/table-head.js';
import { asTitle, formatDuration } from '../../figure/format.js';
import { Age, Moment } from '../../figure/moment.js';
import { Link } from '../../route/link.js';
import { AgentLine } from '../../text/agent-text.js';
import { AnomalyBehind, type AnomalyBehindQuery } from './anomalies.graphql.js';
import { comparedOf, type Fact, factsOf, movedOf, quotesOf, sentencesOf, stepsOf } from './evidence.js';
import { MEANINGS } from './kinds.js';
import '../../element/data-table.css';
import '../../element/whole.css';

type Whole = Extract<AnomalyBehindQuery['node'], { kind: unknown }>;

/** One anomaly: what is wrong, how far from usual, why a detector thinks so, and the decisions and steps behind it. */
export function Anomaly({ number }: { number: string }) {
  const { data, failure, refresh } = useQuery(AnomalyBehind, { id: `Anomaly:${number}` });
  if (failure !== null) return <FailureNotice failure={failure} onRetry={refresh} />;
  if (data === null) return <Skeleton rows={8} height="1.25rem" />;
  const anomaly = data.node as Whole | null;
  if (anomaly === null || !('kind' in anomaly)) return <Empty title="There is no such anomaly in this fleet" />;
  return (
    <article class="whole">
      <header>
        <p class="marks">
          <SeverityMark severity={anomaly.severity} />
          <span class="quiet-text">
            <Moment at={anomaly.detectedAt} />, <Age at={anomaly.detectedAt} />
          </span>
        </p>
        <h2>{asTitle(anomaly.kind)}</h2>
        <p class="lead">
          <AgentLine text={anomaly.summary} />
        </p>
        <p class="quiet-text">{MEANINGS[anomaly.kind]}</p>
        <Whom anomaly={anomaly} />
      </header>
      <Comparison anomaly={anomaly} />
      <Decisions anomaly={anomaly} />
      <Steps anomaly={anomaly} />
      <Why evidence={anomaly.evidence} />
      <footer class="doings">
        <Link class="button" to="/alerts/rules/" own={{ condition: conditionOf(anomaly) }}>
          Make an alert rule of this
        </Link>
        {anomaly.agent !== null && (
          <Link
            class="button"
            to="/decisions"
            slice={{ agents: [anomaly.agent.name], range: aroundOf(anomaly.detectedAt) }}
          >
            Decisions around then
          </Link>
        )}
      </footer>
    </article>
  );
}

function Whom({ anomaly: { agent, customerSegment } }: { anomaly: Whole }) {
  if (agent === null && customerSegment === null) return null;
  return (
    <p class="whom">
      {agent !== null && (
        <span>
          Agent{' '}
          <Link to={`/fleet/${encodeURIComponent(agent.name)}`}>
            <AgentLine text={agent.name} />
          </Link>
        </span>
      )}
      {customerSegment !== null && (
        <span>
          Segment <AgentLine text={customerSegment} />
        </span>
      )}
    </p>
  );
}

/** What was seen and what is usual, one bar over the other. */
function Comparison({ anomaly }: { anomaly: Whole }) {
  const compared = comparedOf(anomaly);
  if (compared === null) return null;
  const { observed, expected, format } = compared;
  const most = Math.max(observed, expected, Number.MIN_VALUE);
  return (
    <dl class="comparison">
      <dt>Seen</dt>
      <dd>
        <span class="bar seen" style={{ width: `${(Math.max(0, observed) / most) * 100}%` }} />
        <b>{format(observed)}</b>
      </dd>
      <dt>Usual</dt>
      <dd>
        <span class="bar" style={{ width: `${(Math.max(0, expected) / most) * 100}%` }} />
        <b>{format(expected)}</b>
      </dd>
    </dl>
  );
}

const STEPS_SHOWN_MAX = 14;

/** The steps it is about: those it names, else those that failed. */
function Steps({ anomaly: { decision, evidence } }: { anomaly: Whole }) {
  if (decision === null) return null;
  const named = stepsOf(evidence);
  const about = decision.steps.filter(({ index, outcome }) =>
    named === null ? outcome === 'ERROR' : index >= named.from && index <= named.to,
  );
  if (about.length === 0) return null;
  const shown = about.slice(0, STEPS_SHOWN_MAX);
  return (
    <section aria-label="Steps it is about">
      <h3>Steps it is about</h3>
      <ol class="behind-steps">
        {shown.map(({ index, kind, name, toolName, durationMs, outcome }) => (
          <li key={index} data-row>
            <span class="place">{index + 1}</span>
            <Link to={`/decisions/${encodeURIComponent(decision.id)}`} own={{ step: String(index) }}>
              {asTitle(kind)} <AgentLine text={toolName ?? name} />
            </Link>
            {outcome === 'ERROR' && <Mark tone="critical" word="Failed" />}
            <span class="number quiet-text">{formatDuration(durationMs)}</span>
          </li>
        ))}
      </ol>
      {about.length > shown.length && <p class="note">and {about.length - shown.length} more like these</p>}
    </section>
  );
}

function Decisions({ anomaly: { decisions } }: { anomaly: Whole }) {
  if (decisions.length === 0) return null;
  return (
    <section aria-label="Decisions behind it">
      <h3>{decisions.length === 1 ? 'The decision behind it' : 'Decisions behind it'}</h3>
      <DecisionLines decisions={decisions} label="Decisions behind it" />
    </section>
  );
}

function Why({ evidence }: { evidence: unknown }) {
  const [facts, sentences, quotes, moved] = [
    factsOf(evidence),
    sentencesOf(evidence),
    quotesOf(evidence),
    movedOf(evidence),
  ];
  if (facts.length + sentences.length + quotes.length + moved.length === 0) return null;
  return (
    <section aria-label="What it was found by">
      <h3>What it was found by</h3>
      {sentences.length > 0 && (
        <ol class="clues">
          {sentences.map((sentence) => (
            <li key={sentence}>
              <AgentLine text={sentence} />
            </li>
          ))}
        </ol>
      )}
      {moved.length > 0 && (
        <div class="table-scroll">
          <table class="data-table">
            <TableHead texts={['What']} numbers={['Usual', 'Now']} />
            <tbody>
              {moved.map(({ what, from, to }) => (
                <tr key={what}>
                  <th scope="row">
                    <AgentLine text={what} />
                  </th>
                  <td class="number">{from}</td>
                  <td class="number">{to}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {quotes.length > 0 && (
        <ul class="quotes" aria-label="What the agent said">
          {quotes.map((quote, index) => (
            <li key={`${index} ${quote}`}>
              <AgentLine text={quote} />
            </li>
          ))}
        </ul>
      )}
      <dl class="evidence">
        {facts.map(({ word, value }) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>
              <Said value={value} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Said({ value }: { value: Fact['value'] }) {
  return typeof value === 'string' ? <AgentLine text={value} /> : <Moment at={value.moment} />;
}

/** A rule that would have told somebody of it. */
function conditionOf({ kind, agent }: Whole): string {
  const of = agent === null ? '' : `, agent="${agent.name}"`;
  return `anomalies{kind="${kind}"${of}} > 0`;
}

const BEFORE_MS = 15 * 60_000;
const AFTER_MS = 5 * 60_000;

function aroundOf(detectedAt: string): { from: string; to: string } {
  const atMs = Date.parse(detectedAt);
  return { from: new Date(atMs - BEFORE_MS).toISOString(), to: new Date(atMs + AFTER_MS).toISOString() };
}
