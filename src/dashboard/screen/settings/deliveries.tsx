import { request } from '../../data/request.js';
import { useFeed } from '../../data/use-feed.js';
import { FeedList } from '../../element/feed.js';
import { Mark } from '../../element/mark.js';
import { chosenOf, Toggles } from '../../element/narrow.js';
import { Empty } from '../../element/panel.js';
import { formatAge } from '../../figure/format.js';
import { Moment } from '../../figure/moment.js';
import { AgentLine } from '../../text/agent-text.js';
import { DELIVERIES } from '../alerts/delivery-states.js';
import { Deliveries as DeliveriesOperation, type DeliveriesQuery } from './settings.graphql.js';

type Delivery = DeliveriesQuery['notifications']['nodes'][number];

const STATES = ['SENT', 'PENDING', 'FAILED', 'DEAD'] as const;
const CHOICES = STATES.map((value) => ({ value, word: DELIVERIES[value].word }));

/** What was sent to whom of alerts, and what could not be. */
export function Deliveries() {
  const states = chosenOf('delivery', STATES);
  const filter = states.length === 0 ? {} : { states };
  const read = async (after: string | null) =>
    (await request(DeliveriesOperation, { filter, after })).data.notifications;
  const feed = useFeed<Delivery>(JSON.stringify(filter), read);
  return (
    <section class="deliveries" aria-label="Notifications">
      <div class="narrow">
        <h2>Notifications</h2>
        <Toggles parameter="delivery" name="State" choices={CHOICES} />
        <button type="button" class="quiet end" onClick={feed.refresh}>
          Look again
        </button>
      </div>
      <FeedList
        feed={feed}
        label="Notifications, newest first"
        row={(delivery) => <Row delivery={delivery} />}
        empty={
          <Empty title="Nobody was told of anything">
            Receivers and routes stand under <code>notifications</code> in midwatch.yaml.
          </Empty>
        }
      />
    </section>
  );
}

function Row({ delivery }: { delivery: Delivery }) {
  const { receiver, state, attempts, nextAttemptAt, lastError, createdAt, sentAt, alertCount } = delivery;
  const waitMs = nextAttemptAt === null ? null : Date.parse(nextAttemptAt) - Date.now();
  return (
    <>
      <Mark {...DELIVERIES[state]} isQuiet={state === 'SENT'} />
      <div class="what">
        <b>
          <AgentLine text={receiver} />
        </b>
        {lastError !== null && state !== 'SENT' && <AgentLine class="gist" text={lastError} />}
        <p class="whom">
          <span>{alertCount === 1 ? '1 alert' : `${alertCount} alerts`}</span>
          {attempts > 1 && <span>{attempts} attempts</span>}
          {waitMs !== null && state === 'FAILED' && <span>again in {formatAge(Math.max(0, waitMs))}</span>}
        </p>
      </div>
      <p class="when">
        <Moment at={sentAt ?? createdAt} />
      </p>
    </>
  );
}
