import { useEffect } from 'preact/hooks';
import { hasRole } from '../../data/session.js';
import { useLive } from '../../data/use-live.js';
import { useQuery } from '../../data/use-query.js';
import { Empty, FailureNotice, Panel, Skeleton } from '../../element/panel.js';
import { useRowKeys } from '../../frame/rows.js';
import { Link } from '../../route/link.js';
import { place } from '../../route/location.js';
import type { ScreenProps } from '../../route/screens.js';
import { AgentLine } from '../../text/agent-text.js';
import { DecisionAnomalies, Decision as DecisionOperation, type DecisionQuery } from './decision.graphql.js';
import { Facts } from './facts.js';
import { Head } from './head.js';
import { Proof } from './proof.js';
import { Story } from './story.js';
import { Trace } from './trace.js';
import { showStep, Trouble } from './trouble.js';
import './decision.css';

export type OneDecision = NonNullable<DecisionQuery['decision']>;

/** One decision: what was asked, what was done and why it failed, what it was part of, and the proof of it. */
export function Decision({ name: id }: ScreenProps) {
  const mayReadContent = hasRole('OPERATOR', 'AUDITOR', 'ADMIN');
  const { data, failure, isAnswered, refresh } = useQuery(DecisionOperation, { id, content: mayReadContent });
  const decision = data?.decision ?? null;
  useRowKeys('step');
  useLive(DecisionAnomalies, {
    variables: { filter: { decisionId: id } },
    after: isAnswered ? data?.resumeFrom.anomalyDetected : undefined,
    placeOf: ({ anomalyDetected }) => anomalyDetected.id,
    onEvents: refresh,
  });
  const step = place.value.search.get('step');
  const isThere = decision !== null;
  // Whoever comes for one step sees that first
  useEffect(() => {
    if (isThere && step !== null) showStep(step);
  }, [isThere, step]);
  if (decision === null) {
    if (failure !== null) return <FailureNotice failure={failure} onRetry={refresh} />;
    return data === null ? <Loading /> : <Unknown id={id} />;
  }
  return (
    <article class="decision">
      <Head decision={decision} />
      <Trouble decision={decision} />
      <div class="columns">
        <div class="wide-column">
          <Trace decision={decision} />
          <Story decision={decision} mayReadContent={mayReadContent} />
        </div>
        <div class="narrow-column">
          <Facts decision={decision} />
          <Proof decision={decision} />
        </div>
      </div>
    </article>
  );
}

function Unknown({ id }: { id: string }) {
  return (
    <Empty isPage title="There is no such decision in this fleet">
      <p>
        <AgentLine text={id} /> is not sealed yet, past its retention, or of another fleet.
      </p>
      <p>
        <Link to="/decisions">All decisions</Link>
      </p>
    </Empty>
  );
}

function Loading() {
  return (
    <div class="decision">
      <Skeleton rows={2} height="1.5rem" />
      <div class="columns">
        <Panel title="What happened">
          <Skeleton rows={8} height="2rem" />
        </Panel>
        <Panel title="Facts">
          <Skeleton rows={8} />
        </Panel>
      </div>
    </div>
  );
}
