import { useState } from 'preact/hooks';
import { loadSession, session } from '../../data/session.js';
import { useAct } from '../../data/use-act.js';
import { Panel } from '../../element/panel.js';
import { RefusalNotice } from '../../element/refusal.js';
import { changeSlice, fleet } from '../../route/slice.js';
import { AgentLine } from '../../text/agent-text.js';
import { CreateFleet } from './settings.graphql.js';

/** The fleets that one may look at: nothing crosses from one to another. */
export function Fleets({ mayCreate }: { mayCreate: boolean }) {
  const fleets = session.value?.viewer?.fleets ?? [];
  const [id, setId] = useState('');
  const { isBusy, refusal, act } = useAct();
  const create = async (event: Event) => {
    event.preventDefault();
    if ((await act(CreateFleet, { id: id.trim() })) === null) return;
    setId('');
    await loadSession();
  };
  return (
    <Panel title="Fleets" aside={`${fleets.length} open to you`}>
      <div class="settings-part">
        <ul class="fleets">
          {fleets.map((each) => (
            <li key={each}>
              <AgentLine text={each} />
              {each === fleet.value ? (
                <span class="quiet-text">looked at</span>
              ) : (
                <button type="button" onClick={() => changeSlice({ fleet: each })}>
                  Look at it
                </button>
              )}
            </li>
          ))}
        </ul>
        {mayCreate && (
          <form class="settings-form" onSubmit={create}>
            <input
              type="text"
              aria-label="Name of the new fleet"
              placeholder="prod-fleet-002"
              required
              maxLength={63}
              value={id}
              onInput={(event) => setId(event.currentTarget.value)}
            />
            <button type="submit" disabled={isBusy || id.trim() === ''}>
              Create a fleet
            </button>
            <RefusalNotice refusal={refusal} />
          </form>
        )}
      </div>
    </Panel>
  );
}
