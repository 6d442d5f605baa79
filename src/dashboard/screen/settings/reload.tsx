import { useState } from 'preact/hooks';
import { useAct } from '../../data/use-act.js';
import { Mark } from '../../element/mark.js';
import { Panel } from '../../element/panel.js';
import { RefusalNotice } from '../../element/refusal.js';
import { ReloadSettings } from './settings.graphql.js';

/** Has midwatch.yaml read anew; a file that is wrong changes nothing. */
export function Reload() {
  const { isBusy, refusal, act } = useAct();
  const [read, setRead] = useState<{ sha256: string | null; needRestart: string[] } | null>(null);
  const reload = async () => {
    setRead(null);
    setRead(await act(ReloadSettings, {}));
  };
  return (
    <Panel title="midwatch.yaml">
      <div class="settings-part">
        <p class="quiet-text">
          Alert rules, notifications, budgets and required tools hold from the moment it is read.
        </p>
        <p>
          <button type="button" disabled={isBusy} onClick={reload}>
            {isBusy ? 'Reading …' : 'Read it anew'}
          </button>
        </p>
        <div role="status">
          {read !== null && (
            <p>
              <Mark tone="ok" word="In force" />{' '}
              {read.sha256 === null ? 'There is no file: defaults hold.' : <code>{read.sha256.slice(0, 16)}…</code>}
              {read.needRestart.length > 0 && ` Only after a restart: ${read.needRestart.join(', ')}.`}
            </p>
          )}
        </div>
        <RefusalNotice refusal={refusal} />
      </div>
    </Panel>
  );
}
