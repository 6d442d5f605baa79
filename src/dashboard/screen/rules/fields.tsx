import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Refusal } from '../../data/use-act.js';
import { Icon } from '../../element/icon.js';
import type { Draft } from './draft.js';

export interface FieldsProps {
  draft: Draft;
  problem: Refusal | null;
  /** Whether it has its name for good. */
  isNamed: boolean;
  onChange: (part: Partial<Draft>) => void;
}

const EXAMPLES = [
  'decision_latency_p95 > 2s',
  'error_rate{agent="fraud-*"} > 5%',
  'cost > $5/h by fleet',
  'tool_invocation_success_rate < 95%',
  'anomalies{kind="LOOP"} > 0',
];

export function Fields({ draft, problem, isNamed, onChange }: FieldsProps) {
  return (
    <>
      <Condition draft={draft} problem={problem} onChange={onChange} />
      <div class="pair">
        <Text
          name="Name"
          hint="The condition, if left out"
          value={draft.name}
          isReadOnly={isNamed}
          onInput={(name) => onChange({ name })}
        />
        <Field name="Severity">
          {(id) => (
            <select
              id={id}
              value={draft.severity}
              onChange={(event) => onChange({ severity: event.currentTarget.value as Draft['severity'] })}
            >
              <option value="INFO">Info</option>
              <option value="WARNING">Warning</option>
              <option value="CRITICAL">Critical</option>
            </select>
          )}
        </Field>
      </div>
      <div class="pair">
        <Text name="Over the last" hint="1s to 31d" value={draft.window} onInput={(window) => onChange({ window })} />
        <Text name="Met for" hint="0s: at once" value={draft.for} onInput={(value) => onChange({ for: value })} />
      </div>
      <details>
        <summary>Flapping, missing data, labels, message</summary>
        <div class="pair">
          <Text
            name="Clear at"
            hint="The threshold itself"
            value={draft.clear}
            onInput={(clear) => onChange({ clear })}
          />
          <Text
            name="Keep firing for"
            value={draft.keepFiringFor}
            onInput={(keepFiringFor) => onChange({ keepFiringFor })}
          />
          <Text name="Same incident within" value={draft.flapHold} onInput={(flapHold) => onChange({ flapHold })} />
          <Text
            name="Values at least"
            value={draft.minimumSamples}
            onInput={(minimumSamples) => onChange({ minimumSamples })}
          />
          <Field name="Without data">
            {(id) => (
              <select
                id={id}
                value={draft.noData}
                onChange={(event) => onChange({ noData: event.currentTarget.value as Draft['noData'] })}
              >
                <option value="OK">It is well</option>
                <option value="KEEP">It is as before</option>
                <option value="FIRE">It fires</option>
              </select>
            )}
          </Field>
        </div>
        <Labels draft={draft} onChange={onChange} />
        <Text
          name="Message"
          hint="{{condition}} for {{group}}: {{value}}"
          value={draft.message}
          onInput={(message) => onChange({ message })}
        />
      </details>
    </>
  );
}

function Condition({ draft, problem, onChange }: Omit<FieldsProps, 'isNamed'>) {
  const id = useId();
  const isWrong = problem?.path[0] === 'condition';
  return (
    <div class="field">
      <label for={id}>What is wrong</label>
      <textarea
        id={id}
        class="condition-input"
        rows={2}
        spellcheck={false}
        required
        maxLength={1_000}
        placeholder="decision_latency_p95 > 2s"
        aria-invalid={isWrong}
        aria-describedby={`${id}-problem`}
        value={draft.condition}
        onInput={(event) => onChange({ condition: event.currentTarget.value.replaceAll('\n', ' ') })}
      />
      <p id={`${id}-problem`} class={isWrong ? 'problem' : 'quiet-text'} role={isWrong ? 'alert' : undefined}>
        {isWrong ? problem?.message : 'A figure, a comparison, and whom to tell apart: by agent if nothing is said.'}
      </p>
      {draft.condition === '' && (
        <div class="examples" role="group" aria-label="Examples">
          {EXAMPLES.map((example) => (
            <button key={example} type="button" class="quiet" onClick={() => onChange({ condition: example })}>
              <code>{example}</code>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function Labels({ draft: { labels }, onChange }: Pick<FieldsProps, 'draft' | 'onChange'>) {
  const change = (at: number, part: Partial<{ name: string; value: string }>) =>
    onChange({ labels: labels.map((label, index) => (index === at ? { ...label, ...part } : label)) });
  return (
    <fieldset class="field">
      <legend>Labels, for routes and silences</legend>
      {labels.map(({ name, value }, index) => (
        <div key={index} class="label-row">
          <input
            type="text"
            aria-label="Name of the label"
            placeholder="team"
            value={name}
            onInput={(event) => change(index, { name: event.currentTarget.value })}
          />
          <input
            type="text"
            aria-label={`Value of ${name || 'the label'}`}
            placeholder="payments"
            value={value}
            onInput={(event) => change(index, { value: event.currentTarget.value })}
          />
          <button
            type="button"
            class="quiet icon"
            aria-label={`Remove the label ${name}`}
            onClick={() => onChange({ labels: labels.filter((_label, at) => at !== index) })}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      <button type="button" class="quiet" onClick={() => onChange({ labels: [...labels, { name: '', value: '' }] })}>
        Add a label
      </button>
    </fieldset>
  );
}

interface TextProps {
  name: string;
  hint?: string;
  value: string;
  isReadOnly?: boolean;
  onInput: (value: string) => void;
}

function Text({ name, hint = '', value, isReadOnly = false, onInput }: TextProps) {
  return (
    <Field name={name}>
      {(id) => (
        <input
          id={id}
          type="text"
          placeholder={hint}
          autoComplete="off"
          spellcheck={false}
          readOnly={isReadOnly}
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

function Field({ name, children }: { name: string; children: (id: string) => ComponentChildren }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{name}</label>
      {children(id)}
    </div>
  );
}
