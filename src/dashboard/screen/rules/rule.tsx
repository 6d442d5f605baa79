import { useState } from 'preact/hooks';
import { hasRole } from '../../data/session.js';
import { useAct } from '../../data/use-act.js';
import { useQuery } from '../../data/use-query.js';
import { Copyable } from '../../element/copyable.js';
import { Icon } from '../../element/icon.js';
import { Empty, FailureNotice, Panel, Skeleton } from '../../element/panel.js';
import { RefusalNotice } from '../../element/refusal.js';
import { Link } from '../../route/link.js';
import { go, place } from '../../route/location.js';
import type { ScreenProps } from '../../route/screens.js';
import { hrefTo } from '../../route/slice.js';
import { type Draft, draftOf, inputOf, NEW_DRAFT, yamlOf } from './draft.js';
import { Fields } from './fields.js';
import { Preview } from './preview.js';
import { RemoveRule, Rules as RulesOperation, SaveRule } from './rules.graphql.js';
import { usePreview } from './use-preview.js';
import './rules.css';

/** One rule: a form and, beside it, what it would have fired over the last day. Without a name, a new one. */
export function Rule({ name }: ScreenProps) {
  const { data, failure, refresh } = useQuery(RulesOperation, {}, { isPaused: name === '' });
  if (name === '') {
    const search = place.value.search;
    return <Editor first={{ ...NEW_DRAFT, condition: search.get('condition') ?? '' }} isNew isOfFile={false} />;
  }
  if (data === null) {
    return failure === null ? (
      <Skeleton rows={8} height="1.5rem" />
    ) : (
      <FailureNotice failure={failure} onRetry={refresh} />
    );
  }
  const rule = data.alertRules.find((each) => each.name === name);
  if (rule === undefined) {
    return (
      <Empty title="There is no such rule">
        <Link to="/alerts/rules">All rules</Link>
      </Empty>
    );
  }
  return <Editor first={draftOf(rule)} isNew={false} isOfFile={rule.origin === 'FILE'} />;
}

function Editor({ first, isNew, isOfFile }: { first: Draft; isNew: boolean; isOfFile: boolean }) {
  const [draft, setDraft] = useState(first);
  const { isBusy, refusal, act, forget } = useAct();
  const preview = usePreview(draft);
  const mayManage = hasRole('OPERATOR', 'ADMIN');
  const change = (part: Partial<Draft>) => {
    forget();
    setDraft({ ...draft, ...part });
  };
  const save = async (event: Event) => {
    event.preventDefault();
    const done = await act(SaveRule, { input: inputOf(draft) });
    if (done !== null) go(hrefTo('/alerts/rules'));
  };
  const problem = refusal ?? (draft.condition.trim() === '' ? null : preview.refusal);
  return (
    <div class="rule">
      <p class="crumb">
        <Link to="/alerts/rules">Rules</Link>
        <Icon name="right" />
        {isNew ? 'New rule' : 'Rule'}
      </p>
      <h1>{isNew ? 'New rule' : first.name}</h1>
      {isOfFile && (
        <p class="of-file">
          This rule stands in midwatch.yaml and is changed there. What you change here is tried on the past, and can be
          saved under another name.
        </p>
      )}
      <div class="rule-columns">
        <Panel title="The rule">
          <form class="rule-form" onSubmit={save}>
            <Fields draft={draft} problem={problem} isNamed={!isNew && !isOfFile} onChange={change} />
            {problem !== null && problem.path[0] !== 'condition' && <RefusalNotice refusal={problem} />}
            {mayManage && (
              <div class="buttons">
                <button type="submit" class="primary" disabled={isBusy || draft.condition.trim() === ''}>
                  {isBusy ? 'Saving …' : isNew || isOfFile ? 'Put it in force' : 'Save'}
                </button>
                {!isNew && !isOfFile && <Remove name={first.name} />}
              </div>
            )}
          </form>
        </Panel>
        <div class="rule-beside">
          <Preview preview={preview} isEmpty={draft.condition.trim() === ''} />
          <Panel title="In midwatch.yaml">
            <div class="rule-yaml">
              <Copyable text={yamlOf(draft)} what="rule" />
              <p class="quiet-text">
                Under <code>alerting</code>: rules of the file hold for every fleet and are reviewed like code.
              </p>
            </div>
          </Panel>
        </div>
      </div>
    </div>
  );
}

function Remove({ name }: { name: string }) {
  const [isSure, setSure] = useState(false);
  const { isBusy, refusal, act } = useAct();
  const remove = async () => {
    if ((await act(RemoveRule, { name })) !== null) go(hrefTo('/alerts/rules'));
  };
  if (!isSure) {
    return (
      <button type="button" onClick={() => setSure(true)}>
        Delete …
      </button>
    );
  }
  return (
    <>
      <button type="button" class="danger" disabled={isBusy} onClick={remove}>
        Delete: its alerts end
      </button>
      <button type="button" class="quiet" onClick={() => setSure(false)}>
        Keep it
      </button>
      <RefusalNotice refusal={refusal} />
    </>
  );
}
