import type { Random } from '../random.js';
import { type Document, defineTopic, drawAmount, drawDay, drawRecords, type Topic } from './topic.js';

const PLACES = ['Rotterdam, sorting centre', 'Leipzig, air hub', 'Lyon, delivery depot', 'Louisville, air hub'];
const SCANS = ['parcel arrived at the facility', 'parcel left the facility', 'handed over to the next carrier'];

const drawScan = (random: Random) => ({
  on: drawDay(random),
  place: random.pick(PLACES),
  event: random.pick(SCANS),
  scanned_by: 'automatic reader',
});

const drawArticle = (random: Random) => ({
  sku: `SKU-${random.integer(100_000, 999_999)}`,
  name: random.pick([
    'Aurora desk lamp',
    'Field notebook, ruled',
    'Travel kettle',
    'Oak picture frame',
    'Wool blanket',
  ]),
  price: drawAmount(random, 32),
  stock: random.pick(['packed', 'packed', 'on its way to the warehouse']),
});

/** What a search finds beside the right passage. */
const HANDBOOK: readonly Document[] = [
  {
    id: 'handbook-attitude',
    score: 0.58,
    content:
      'Whoever works for us treats the customer as a guest: listen first, confirm what was understood, then act. What ' +
      'cannot be settled at once gets a ticket with a name on it, and the customer is told who has it and when to expect ' +
      'an answer. Nobody is sent from desk to desk: whoever took the question stays with it until it is answered.',
  },
  {
    id: 'handbook-exceptions',
    score: 0.49,
    content:
      'Exceptions are possible where somebody could not act in time through no fault of their own. The team lead decides, ' +
      'writes the reason down in the case, and tells those concerned in writing. An exception is no precedent.',
  },
  {
    id: 'handbook-partners',
    score: 0.44,
    content:
      'Partners work under their own name and conditions. What is written here holds for what we do ourselves; anything ' +
      'else is passed on, followed up, and reported back until it is settled.',
  },
];

/** What every team is for: the answer names one of them. */
const TEAMS = [
  { team: 'billing', takes: 'invoices, charges, payment methods, dunning, tax documents and contracts that renew' },
  { team: 'refunds', takes: 'goods on their way back, damaged deliveries, goodwill payments and store credit' },
  { team: 'fraud', takes: 'payments nobody recognises, stolen cards, suspicious messages and accounts taken over' },
  { team: 'support', takes: 'access, passwords, deliveries, opening hours, and everything no other team takes' },
];

const orderStatus = defineTopic({
  requestType: 'order_status',
  riskClass: 'ROUTINE',
  ask: (random) => ({ order: `A-${random.integer(10_000, 99_999)}` }),
  find: (random) => ({
    day: drawDay(random),
    parcels: random.integer(2, 9),
    carrier: random.pick(['DHL', 'UPS', 'FedEx', 'Royal Mail']),
    articles: drawRecords(random, { min: 4, max: 10 }, () => drawArticle(random)),
    scans: drawRecords(random, { min: 8, max: 16 }, () => drawScan(random)),
  }),
  question: ({ order }) => `Where is my order ${order}? It should have been here by now.`,
  lookup: ({ order }, { day, parcels, carrier, articles, scans }) => ({
    source: 'tool',
    tool: 'get_order',
    arguments: { order_id: order },
    result: { order_id: order, status: 'shipped', carrier, parcels, expected_on: day, articles, scans },
  }),
  answer: ({ order }, { day, parcels, carrier }) =>
    `Order ${order} was shipped with ${carrier} in ${parcels} parcels and is expected on ${day}.`,
});

const changeAddress = defineTopic({
  requestType: 'account_change',
  riskClass: 'ROUTINE',
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
    result: { queue, waiting, estimated_minutes: minutes, teams: TEAMS },
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
      ...HANDBOOK,
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
      ...HANDBOOK,
    ],
  }),
  answer: ({ system }, { code, minutes }) =>
    `Look for code ${code} on ${system}. If it is there, wait ${minutes} minutes and then restart it.`,
});

export const supportTopics: readonly Topic[] = [orderStatus, orderStatus, orderStatus, changeAddress];
export const routingTopics: readonly Topic[] = [routeRequest];
export const knowledgeTopics: readonly Topic[] = [returnPolicy, incidentGuide];
