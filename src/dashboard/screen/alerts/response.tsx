import { useState } from 'preact/hooks';
import { useAct } from '../../data/use-act.js';
import { Icon } from '../../element/icon.js';
import { RefusalNotice } from '../../element/refusal.js';
import { useShortcuts } from '../../frame/keys.js';
import { SilenceDialog } from '../silences/silence-dialog.js';
import { AcknowledgeAlert, CommentAlert, type ListedFragment, type WholeFragment } from './alerts.graphql.js';

export interface ResponseProps {
  alert: WholeFragment;
  /** With the alert as it is then. */
  onChanged: (alert: ListedFragment) => void;
}

/** What a person can do about an alert: take it on, say something, keep others from being told. */
export function Response({ alert, onChanged }: ResponseProps) {
  const { id, state, acknowledgedBy } = alert;
  const [comment, setComment] = useState('');
  const [isSilencing, setSilencing] = useState(false);
  const { isBusy, refusal, act } = useAct();
  const isOpen = state === 'FIRING' || state === 'PENDING';
  const mayTake = isOpen && acknowledgedBy === null;
  const said = comment.trim();
  const takeOn = async () => {
    const done = await act(AcknowledgeAlert, { id, comment: said === '' ? null : said });
    if (done === null) return;
    setComment('');
    onChanged(done.alert);
  };
  const say = async () => {
    const done = await act(CommentAlert, { id, comment: said });
    if (done === null) return;
    setComment('');
    onChanged(done.alert);
  };
  useShortcuts([
    { keys: 'e', does: 'Take the open alert on', run: () => mayTake && void takeOn() },
    { keys: 's', does: 'Silence the open alert', run: () => setSilencing(true) },
  ]);
  return (
    <div class="response">
      <label>
        <span class="visually-hidden">Comment</span>
        <textarea
          rows={2}
          maxLength={2_000}
          placeholder={mayTake ? 'Say what you know, or what you do about it (optional)' : 'Say something about it'}
          value={comment}
          onInput={(event) => setComment(event.currentTarget.value)}
        />
      </label>
      <div class="buttons">
        {mayTake && (
          <button type="button" class="primary" disabled={isBusy} onClick={takeOn}>
            <Icon name="check" /> Acknowledge <kbd>e</kbd>
          </button>
        )}
        <button type="button" disabled={isBusy || said === ''} onClick={say}>
          Comment
        </button>
        <button type="button" onClick={() => setSilencing(true)}>
          <Icon name="pause" /> Silence … <kbd>s</kbd>
        </button>
      </div>
      <RefusalNotice refusal={refusal} />
      {isSilencing && (
        <SilenceDialog
          labels={[{ name: 'alertname', value: alert.ruleName }, ...alert.labels]}
          onClose={() => setSilencing(false)}
        />
      )}
    </div>
  );
}
