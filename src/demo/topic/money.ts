import { defineTopic, drawAmount, drawDay, type Topic } from './topic.js';

const invoiceTotal = defineTopic({
  requestType: 'invoice_question',
  riskClass: 'ROUTINE',
  ask: (random) => ({ invoice: `INV-${random.integer(100_000, 999_999)}` }),
  find: (random) => ({ total: drawAmount(random, 180), due: drawDay(random), items: random.integer(2, 24) }),
  question: ({ invoice }) => `What is the total of invoice ${invoice}, and when do I have to pay?`,
  lookup: ({ invoice }, { total, due, items }) => ({
    source: 'tool',
    tool: 'get_invoice',
    arguments: { invoice_id: invoice },
    result: { invoice_id: invoice, currency: 'EUR', total, items, due_on: due, paid: false },
  }),
  answer: ({ invoice }, { total, due, items }) =>
    `Invoice ${invoice} has ${items} items and a total of ${total} EUR, due on ${due}.`,
});

const doubleCharge = defineTopic({
  requestType: 'charge_dispute',
  riskClass: 'ROUTINE',
  ask: (random) => ({ account: `C-${random.integer(100_000, 999_999)}` }),
  find: (random) => ({ amount: drawAmount(random, 35), first: drawDay(random), second: drawDay(random) }),
  question: ({ account }) => `Account ${account}: I think I was charged twice this month. Is that so?`,
  lookup: ({ account }, { amount, first, second }) => ({
    source: 'tool',
    tool: 'list_charges',
    arguments: { account_id: account, limit: 20 },
    result: {
      account_id: account,
      charges: [
        { on: first, amount, currency: 'EUR', state: 'settled' },
        { on: second, amount, currency: 'EUR', state: 'settled' },
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
  find: (random) => ({ amount: drawAmount(random, 70), day: drawDay(random) }),
  question: ({ refund }) => `When will refund ${refund} reach my account?`,
  lookup: ({ refund }, { amount, day }) => ({
    source: 'tool',
    tool: 'get_refund',
    arguments: { refund_id: refund },
    result: { refund_id: refund, amount, currency: 'EUR', state: 'sent', expected_on: day },
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
  }),
  question: ({ symbol }) => `What are bid and ask for ${symbol} at the moment?`,
  lookup: ({ symbol }, { bid, ask, volume }) => ({
    source: 'tool',
    tool: 'get_quote',
    arguments: { symbol },
    result: { symbol, bid, ask, volume, currency: 'USD' },
  }),
  answer: ({ symbol }, { bid, ask, volume }) => `${symbol}: bid ${bid} USD, ask ${ask} USD, volume ${volume}.`,
});

export const billingTopics: readonly Topic[] = [invoiceTotal, doubleCharge];
export const refundTopics: readonly Topic[] = [refundOrder, refundStatus];
export const tradingTopics: readonly Topic[] = [quotePosition, quotePosition, placeOrder];
