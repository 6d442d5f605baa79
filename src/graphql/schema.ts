import './scalars.js';
import './type/agent.js';
import './type/agent-stats.js';
import './type/api-key.js';
import './type/decision.js';
import './type/decision-recorded.js';
import './type/fleet.js';
import './type/ledger.js';
import './type/node.js';
import './type/record-decisions.js';
import './type/step.js';
import './type/token-usage.js';
import './type/trace.js';
import './type/viewer.js';
import { builder } from './builder.js';

builder.queryType({ description: 'What can be read.' });
builder.mutationType({ description: 'What can be done.' });
builder.subscriptionType({ description: 'What can be followed.' });

/** The whole schema, the same for every server: what it works with comes in the context of a request. */
export const schema = builder.toSchema();
