import type { Convention } from './convention.js';
import { BARE_APPLICATION_KEYS } from './field/metadata.js';

/** Any other span: an HTTP request, a query, the application's own. It is no step of the reasoning, but may say whose request this is. */
export const plain: Convention = {
  name: 'plain',
  kindOf: () => 'other',
  aliases: {
    ...BARE_APPLICATION_KEYS,
    conversationId: ['gen_ai.conversation.id', ...BARE_APPLICATION_KEYS.conversationId, 'langfuse.session.id'],
    userId: ['user.id', 'enduser.id', 'enduser.pseudo.id', 'user_id', 'userId', 'langfuse.user.id'],
    environment: ['deployment.environment.name', 'deployment.environment'],
    queueMs: ['agent.queue_time_ms'],
    level: ['langfuse.observation.level'],
    errorType: ['error.type'],
    errorMessage: ['error.message', 'langfuse.observation.status_message'],
    httpStatus: ['http.response.status_code', 'http.status_code'],
  },
};
