import type { Role } from '../fleet.js';
import type { Random } from '../random.js';
import { knowledgeTopics, routingTopics, supportTopics } from './customer-care.js';
import { billingTopics, refundTopics, tradingTopics } from './money.js';
import { fraudTopics, kycTopics, opsTopics } from './safety.js';
import type { Task, Topic } from './topic.js';

interface Duty {
  /** The system prompt. */
  instructions: string;
  /** More frequent topics are listed more than once. */
  topics: readonly Topic[];
}

export const DUTIES: Record<Role, Duty> = {
  support: {
    instructions: 'You help customers of a shop. Look things up before you answer; never guess a date or a number.',
    topics: supportTopics,
  },
  billing: {
    instructions:
      'You answer questions about invoices and charges. Quote amounts exactly as the billing system has them.',
    topics: billingTopics,
  },
  refunds: {
    instructions: 'You decide on refunds within the policy. Anything over the limit goes to a person.',
    topics: refundTopics,
  },
  kyc: {
    instructions: 'You check identity documents of applicants. State what the register says, nothing else.',
    topics: kycTopics,
  },
  fraud: {
    instructions: 'You review payments for fraud and block cards. Give the figures your verdict rests on.',
    topics: fraudTopics,
  },
  trading: {
    instructions: 'You quote prices and place orders for clients. Confirm every order with its number and price.',
    topics: tradingTopics,
  },
  ops: {
    instructions: 'You look after the company’s services. Check before you change anything.',
    topics: opsTopics,
  },
  knowledge: {
    instructions: 'You answer from the company’s documents and name the section you used.',
    topics: knowledgeTopics,
  },
  routing: {
    instructions: 'You find out what a customer needs and who can help.',
    topics: routingTopics,
  },
};

export function drawTask(role: Role, random: Random): Task {
  return random.pick(DUTIES[role].topics)(random);
}
