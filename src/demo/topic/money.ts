import type { Random } from '../random.js';
import { defineTopic, drawAmount, drawDay, drawRecords, type Topic } from './topic.js';

const ARTICLES = ['standard licence, monthly', 'additional user', 'storage, per month', 'support hours', 'shipping'];
const MERCHANTS = ['City Grocers', 'Northern Rail', 'Aurora Streaming', 'Bean & Leaf Coffee', 'Harbour Pharmacy'];

const drawItem = (random: Random) => ({
  article: random.pick(ARTICLES),
  amount: drawAmount(random, 24),
  tax: 'standard',
});
const drawCharge = (random: Random) => ({
  on: drawDay(random),
  amount: drawAmount(random, 35),
  currency: 'EUR',
  merchant: random.pick(MERCHANTS),
  state: 'settled',
});
const drawTransfer = (random: Random) => ({
  on: drawDay(random),
  event: random.pick(['instruction sent to the bank', 'accepted by the bank', 'waiting for the clearing run']),
  by: 'payment gateway',
});
const drawLevel = (random: Random) => ({ price: drawAmount(random, 160), size: random.integer(100, 9_000) });

const invoiceTotal = defineTopic({
  requestType: 'invoice_question',
  riskClass: 'ROUTINE',
  ask: (random) => ({ invoice: `INV-${random.integer(100_000, 999_999)}` }),
  find: (random) => ({
    total: drawAmount(random, 180),
    due: drawDay(random),
    lines: drawRecords(random, { min: 8, max: 24 }, () => drawItem(random)),
  }),
  question: ({ invoice }) => `What is the total of invoice ${invoice}, and when do I have to pay?`,
  lookup: ({ invoice }, { total, due, lines }) => ({
    source: 'tool',
    tool: 'get_invoice',
    arguments: { invoice_id: invoice },
    result: { invoice_id: invoice, currency: 'EUR', total, items: lines.length, due_on: due, paid: false, lines },
  }),
  answer: ({ invoice }, { total, due, lines }) =>
    `Invoice ${invoice} has ${lines.length} items and a total of ${total} EUR, due on ${due}.`,
});

const doubleCharge = defineTopic({
  requestType: 'charge_dispute',
  riskClass: 'ROUTINE',
  ask: (random) => ({ account: `C-${random.integer(100_000, 999_999)}` }),
  find: (random) => ({
    amount: drawAmount(random, 35),
    first: drawDay(random),
    second: drawDay(random),
    others: drawRecords(random, { min: 6, max: 16 }, () => drawCharge(random)),
  }),
  question: ({ account }) => `Account ${account}: I think I was charged twice this month. Is that so?`,
  lookup: ({ account }, { amount, first, second, others }) => ({
    source: 'tool',
    tool: 'list_charges',
    arguments: { account_id: account, limit: 20 },
    result: {
      account_id: account,
      charges: [
        { on: first, amount, currency: 'EUR', state: 'settled' },
        { on: second, amount, currency: 'EUR', state: 'settled' },
        ...others,
      ],
    },
  }),
  answer: ({ account }, { amount, first, second }) =>
    `Account ${account} was charged ${amount} EUR on ${first} and again on ${second}. I have opened a dispute.`,
});

const refundOrder = defineTopic({
  requestType: 'refund',
  riskClass: 'HIGH_RISK',
  ask: (random) => ({ order: `A-${random.integer(10_000, 99_999)}` }),
  find: (random) => ({ amount: drawAmount(random, 70), refund: `R-${random.integer(100_000, 999_999)}` }),
  question: ({ order }) => `Order ${order} arrived broken. I want my money back.`,
  lookup: ({ order }, { amount, refund }) => ({
    source: 'tool',
    tool: 'create_refund',
    arguments: { order_id: order, reason: 'damaged' },
    result: { refund_id: refund, order_id: order, amount, currency: 'EUR', state: 'approved' },
  }),
  answer: ({ order }, { amount, refund }) =>
    `I am sorry. Refund ${refund} over ${amount} EUR for order ${order} is approved.`,
});

const refundStatus = defineTopic({
  requestType: 'refund_status',
  riskClass: 'ROUTINE',
  ask: (random) => ({ refund: `R-${random.integer(100_000, 999_999)}` }),
  find: (random) => ({
    amount: drawAmount(random, 70),
    day: drawDay(random),
    transfers: drawRecords(random, { min: 6, max: 12 }, () => drawTransfer(random)),
  }),
  question: ({ refund }) => `When will refund ${refund} reach my account?`,
  lookup: ({ refund }, { amount, day, transfers }) => ({
    source: 'tool',
    tool: 'get_refund',
    arguments: { refund_id: refund },
    result: { refund_id: refund, amount, currency: 'EUR', state: 'sent', expected_on: day, transfers },
  }),
  answer: ({ refund }, { amount, day }) => `Refund ${refund} over ${amount} EUR was sent and should arrive on ${day}.`,
});

const placeOrder = defineTopic({
  requestType: 'trade_order',
  riskClass: 'HIGH_RISK',
  ask: (random) => ({
    symbol: random.pick(['SAP', 'ASML', 'MSFT', 'NVO', 'SHEL', 'TSM']),
    shares: random.integer(5, 900),
  }),
  find: (random) => ({ price: drawAmount(random, 160), order: `O-${random.integer(1_000_000, 9_999_999)}` }),
  question: ({ symbol, shares }) => `Buy ${shares} shares of ${symbol} at the market price.`,
  lookup: ({ symbol, shares }, { price, order }) => ({
    source: 'tool',
    tool: 'place_order',
    arguments: { symbol, side: 'buy', quantity: shares, type: 'market' },
    result: { order_id: order, symbol, filled: shares, price, currency: 'USD', state: 'filled' },
  }),
  answer: ({ symbol, shares }, { price, order }) =>
    `Order ${order}: bought ${shares} shares of ${symbol} at ${price} USD each.`,
});

const quotePosition = defineTopic({
  requestType: 'market_data',
  riskClass: 'ROUTINE',
  ask: (random) => ({ symbol: random.pick(['SAP', 'ASML', 'MSFT', 'NVO', 'SHEL', 'TSM']) }),
  find: (random) => ({
    bid: drawAmount(random, 160),
    ask: drawAmount(random, 161),
    volume: random.integer(900, 99_000),
    levels: drawRecords(random, { min: 16, max: 24 }, () => drawLevel(random)),
  }),
  question: ({ symbol }) => `What are bid and ask for ${symbol} at the moment?`,
  lookup: ({ symbol }, { bid, ask, volume, levels }) => ({
    source: 'tool',
    tool: 'get_quote',
    arguments: { symbol },
    result: { symbol, bid, ask, volume, currency: 'USD', levels },
  }),
  answer: ({ symbol }, { bid, ask, volume }) => `${symbol}: bid ${bid} USD, ask ${ask} USD, volume ${volume}.`,
});

export const billingTopics: readonly Topic[] = [invoiceTotal, doubleCharge];
export const refundTopics: readonly Topic[] = [refundOrder, refundStatus, refundStatus];
export const tradingTopics: readonly Topic[] = [quotePosition, quotePosition, placeOrder];
