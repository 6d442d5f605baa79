import type { Random } from '../random.js';
import { defineTopic, drawAmount, drawDay, drawRecords, type Topic } from './topic.js';

const SIGNALS = ['device seen before', 'merchant category', 'amount against habit', 'time of day', 'name on the card'];

const drawSignal = (random: Random) => ({
  signal: random.pick(SIGNALS),
  verdict: random.pick(['in favour', 'against', 'neutral']),
  source: random.pick(['rules', 'model', 'shared list']),
});
const drawReplica = (random: Random) => ({
  replica: `replica-${random.hex(8)}`,
  state: random.pick(['serving', 'serving', 'starting']),
  zone: random.pick(['zone a', 'zone b', 'zone c']),
});

const verifyIdentity = defineTopic({
  requestType: 'identity_check',
  riskClass: 'HIGH_RISK',
  ask: (random) => ({ applicant: `P-${random.integer(100_000, 999_999)}` }),
  find: (random) => ({
    score: random.integer(55, 99),
    expires: drawDay(random),
    country: random.pick(['DE', 'SG', 'US']),
  }),
  question: ({ applicant }) => `Check the identity document of applicant ${applicant}. Can we open the account?`,
  lookup: ({ applicant }, { score, expires, country }) => ({
    source: 'tool',
    tool: 'verify_document',
    arguments: { applicant_id: applicant, document: 'passport' },
    result: { applicant_id: applicant, country, match_score: score, expires_on: expires, watchlist_hits: 0 },
  }),
  answer: ({ applicant }, { score, expires, country }) =>
    `Applicant ${applicant}: passport of ${country}, face match ${score}, valid until ${expires}, no watchlist hit.`,
});

const scoreTransaction = defineTopic({
  requestType: 'transaction_review',
  riskClass: 'ROUTINE',
  ask: (random) => ({ payment: `TX-${random.integer(1_000_000, 9_999_999)}`, amount: drawAmount(random, 420) }),
  find: (random) => ({
    score: random.integer(3, 97),
    kilometres: random.integer(120, 9_800),
    attempts: random.integer(2, 14),
    signals: drawRecords(random, { min: 8, max: 14 }, () => drawSignal(random)),
  }),
  question: ({ payment, amount }) => `Review payment ${payment} over ${amount} EUR. Is it likely to be fraud?`,
  lookup: ({ payment, amount }, { score, kilometres, attempts, signals }) => ({
    source: 'tool',
    tool: 'score_transaction',
    arguments: { payment_id: payment, amount },
    result: { payment_id: payment, risk_score: score, distance_km: kilometres, attempts_last_hour: attempts, signals },
  }),
  answer: ({ payment, amount }, { score, kilometres, attempts }) =>
    `Payment ${payment} over ${amount} EUR has risk score ${score}: ${kilometres} km from the last one, ` +
    `${attempts} attempts in the last hour.`,
});

const freezeCard = defineTopic({
  requestType: 'card_block',
  riskClass: 'HIGH_RISK',
  ask: (random) => ({ card: `**** ${random.integer(1_000, 9_999)}` }),
  find: (random) => ({ blocked: `B-${random.integer(10_000, 99_999)}`, pending: random.integer(2, 9) }),
  question: ({ card }) => `My card ${card} was stolen. Block it now.`,
  lookup: ({ card }, { blocked, pending }) => ({
    source: 'tool',
    tool: 'block_card',
    arguments: { card, reason: 'stolen' },
    result: { block_id: blocked, card, state: 'blocked', pending_payments: pending },
  }),
  answer: ({ card }, { blocked, pending }) =>
    `Card ${card} is blocked (${blocked}). ${pending} pending payments are being checked.`,
});

const serviceHealth = defineTopic({
  requestType: 'service_check',
  riskClass: 'ROUTINE',
  ask: (random) => ({ service: random.pick(['checkout', 'ledger-api', 'search', 'notifications']) }),
  find: (random) => ({
    cpu: random.integer(11, 97),
    p95: random.integer(40, 2_400),
    replicas: drawRecords(random, { min: 6, max: 24 }, () => drawReplica(random)),
  }),
  question: ({ service }) => `How is ${service} doing?`,
  lookup: ({ service }, { cpu, p95, replicas }) => ({
    source: 'tool',
    tool: 'query_metrics',
    arguments: { service, window: 'last hour' },
    result: { service, cpu_percent: cpu, latency_p95_ms: p95, count: replicas.length, replicas },
  }),
  answer: ({ service }, { cpu, p95, replicas }) =>
    `${service} runs ${replicas.length} replicas at ${cpu} percent CPU; its tail latency is ${p95} ms.`,
});

const restartService = defineTopic({
  requestType: 'service_restart',
  riskClass: 'ADMIN',
  ask: (random) => ({ service: random.pick(['checkout', 'ledger-api', 'search', 'notifications']) }),
  find: (random) => ({ change: `CHG-${random.integer(10_000, 99_999)}`, seconds: random.integer(12, 190) }),
  question: ({ service }) => `Restart ${service}, one replica after the other.`,
  lookup: ({ service }, { change, seconds }) => ({
    source: 'tool',
    tool: 'restart_service',
    arguments: { service, strategy: 'rolling' },
    result: { service, change_id: change, duration_s: seconds, state: 'done' },
  }),
  answer: ({ service }, { change, seconds }) => `${service} was restarted in ${seconds} seconds under ${change}.`,
});

export const kycTopics: readonly Topic[] = [verifyIdentity];
export const fraudTopics: readonly Topic[] = [
  scoreTransaction,
  scoreTransaction,
  scoreTransaction,
  scoreTransaction,
  scoreTransaction,
  freezeCard,
];
export const opsTopics: readonly Topic[] = [serviceHealth, serviceHealth, restartService];
