import { defineTopic, drawAmount, drawDay, type Topic } from './topic.js';

const orderStatus = defineTopic({
  requestType: 'order_status',
  riskClass: 'ROUTINE',
  ask: (random) => ({ order: `A-${random.integer(10_000, 99_999)}` }),
  find: (random) => ({
    day: drawDay(random),
    parcels: random.integer(2, 9),
    carrier: random.pick(['DHL', 'UPS', 'FedEx', 'Royal Mail']),
  }),
  question: ({ order }) => `Where is my order ${order}? It should have been here by now.`,
  lookup: ({ order }, { day, parcels, carrier }) => ({
    source: 'tool',
    tool: 'get_order',
    arguments: { order_id: order },
    result: { order_id: order, status: 'shipped', carrier, parcels, expected_on: day },
  }),
  answer: ({ order }, { day, parcels, carrier }) =>
    `Order ${order} was shipped with ${carrier} in ${parcels} parcels and is expected on ${day}.`,
});

const changeAddress = defineTopic({
  requestType: 'account_change',
  riskClass: 'ADMIN',
  ask: (random) => ({
    street: `${random.integer(1, 240)} ${random.pick(['Harbour Street', 'Mill Lane', 'Station Road', 'Elm Avenue'])}`,
    account: `C-${random.integer(100_000, 999_999)}`,
  }),
  find: (random) => ({ ticket: `T-${random.integer(100_000, 999_999)}`, day: drawDay(random) }),
  question: ({ street, account }) => `I have moved. Please change the address of account ${account} to ${street}.`,
  lookup: ({ street, account }, { ticket, day }) => ({
    source: 'tool',
    tool: 'update_account',
    arguments: { account_id: account, address: street },
    result: { account_id: account, address: street, ticket, effective_on: day },
  }),
  answer: ({ street, account }, { ticket, day }) =>
    `The address of account ${account} changes to ${street} on ${day}. Your ticket is ${ticket}.`,
});

const routeRequest = defineTopic({
  requestType: 'routing',
  riskClass: 'ROUTINE',
  ask: (random) => ({
    wish: random.pick([
      'I was charged twice for one month',
      'I want to send back a pair of headphones',
      'My card was used in a shop I have never been to',
      'I cannot log in since this morning',
    ]),
  }),
  find: (random) => ({
    queue: random.pick(['billing', 'refunds', 'fraud', 'support']),
    waiting: random.integer(3, 48),
    minutes: random.integer(2, 35),
  }),
  question: ({ wish }) => `${wish}. Who can help me?`,
  lookup: ({ wish }, { queue, waiting, minutes }) => ({
    source: 'tool',
    tool: 'find_queue',
    arguments: { text: wish },
    result: { queue, waiting, estimated_minutes: minutes },
  }),
  answer: (_asked, { queue, waiting, minutes }) =>
    `The ${queue} team takes this. ${waiting} people are waiting, about ${minutes} minutes.`,
});

const returnPolicy = defineTopic({
  requestType: 'policy_question',
  riskClass: 'ROUTINE',
  ask: (random) => ({ goods: random.pick(['headphones', 'a laptop', 'a coffee machine', 'running shoes']) }),
  find: (random) => ({ days: random.integer(14, 95), fee: drawAmount(random, 6), section: random.integer(2, 19) }),
  question: ({ goods }) => `How long can I return ${goods}, and what does it cost?`,
  lookup: ({ goods }, { days, fee, section }) => ({
    source: 'documents',
    collection: 'customer-policies',
    query: `return period and fee for ${goods}`,
    documents: [
      {
        id: `returns-section-${section}`,
        score: 0.91,
        content: `Section ${section}: ${goods} can be returned within ${days} days. The return fee is ${fee} EUR.`,
      },
      { id: 'returns-condition', score: 0.64, content: 'Goods must be complete and without traces of use.' },
    ],
  }),
  answer: ({ goods }, { days, fee, section }) =>
    `You can return ${goods} within ${days} days for a fee of ${fee} EUR (section ${section}).`,
});

const incidentGuide = defineTopic({
  requestType: 'knowledge_search',
  riskClass: 'ROUTINE',
  ask: (random) => ({ system: random.pick(['the payment gateway', 'the card terminal', 'the mobile app']) }),
  find: (random) => ({ code: `E${random.integer(1_000, 9_999)}`, minutes: random.integer(3, 55) }),
  question: ({ system }) => `What should I do when ${system} is not answering?`,
  lookup: ({ system }, { code, minutes }) => ({
    source: 'documents',
    collection: 'runbooks',
    query: `${system} is not answering`,
    documents: [
      {
        id: `runbook-${code}`,
        score: 0.88,
        content: `When ${system} is not answering, look for code ${code}, wait ${minutes} minutes, then restart it.`,
      },
    ],
  }),
  answer: ({ system }, { code, minutes }) =>
    `Look for code ${code} on ${system}. If it is there, wait ${minutes} minutes and then restart it.`,
});

export const supportTopics: readonly Topic[] = [orderStatus, orderStatus, orderStatus, changeAddress];
export const routingTopics: readonly Topic[] = [routeRequest];
export const knowledgeTopics: readonly Topic[] = [returnPolicy, incidentGuide];
