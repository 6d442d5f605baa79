import { hasRole, session } from '../../data/session.js';
import { Panel } from '../../element/panel.js';
import { AgentLine } from '../../text/agent-text.js';
import { Deliveries } from './deliveries.js';
import { Fleets } from './fleets.js';
import { Keys } from './keys.js';
import { Reload } from './reload.js';
import '../../element/narrow.css';
import './settings.css';

/** Who may do what, what agents sign in with, and what the server goes by. */
export function Settings() {
  const isAdmin = hasRole('ADMIN');
  return (
    <div class="settings">
      <h1>Settings</h1>
      {isAdmin && <Keys />}
      <div class="settings-columns">
        <Roles />
        <div class="settings-beside">
          <Fleets mayCreate={isAdmin} />
          {isAdmin && <Reload />}
        </div>
      </div>
      <Deliveries />
    </div>
  );
}

const ROLES = [
  { role: 'INGEST', may: 'Sends telemetry, and reads nothing.' },
  { role: 'VIEWER', may: 'Reads figures, agents, decisions and the ledger, without prompts and answers.' },
  { role: 'OPERATOR', may: 'Reads content too, answers alerts, writes rules and silences.' },
  { role: 'AUDITOR', may: 'Reads everything, verifies, exports and asks for reports; changes nothing.' },
  { role: 'ADMIN', may: 'All of it, with keys, fleets, settings and erasure.' },
];

function Roles() {
  const viewer = session.value?.viewer;
  return (
    <Panel title="You and the roles">
      <div class="settings-part">
        <p>
          You are <b>{viewer !== null && viewer !== undefined && <AgentLine text={viewer.subject} />}</b>.
        </p>
        <dl class="roles">
          {ROLES.map(({ role, may }) => {
            const isOwn = viewer?.roles.includes(role) ?? false;
            return (
              <div key={role} class={isOwn ? 'is-own' : ''}>
                <dt>
                  {role.charAt(0) + role.slice(1).toLowerCase()}
                  {isOwn && <span class="quiet-text"> yours</span>}
                </dt>
                <dd>{may}</dd>
              </div>
            );
          })}
        </dl>
        <p class="quiet-text">
          People come with their roles and fleets from the identity provider’s tokens (<code>roles</code>,{' '}
          <code>fleets</code>), or from <code>npx midwatch token</code>: there is no list of members to keep here.
        </p>
      </div>
    </Panel>
  );
}
