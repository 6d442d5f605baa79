import { fleet } from './fleet.js';
import { formatShare, parseShare, SHARE_FORMS } from './quantity.js';
import { choice, distinctList, patterns, type Reader, Section, single, word } from './reader.js';
import type { BudgetSetting } from './settings.js';

const KEYS = ['name', 'fleet', 'agents', 'customer_segments', 'models', 'limit', 'per', 'warn_at'] as const;
const DEFAULT_WARN_AT = [0.5, 0.8, 1];
const LIMIT_FORMS =
  'US dollars such as $500, or tokens such as 20M tokens (k, M and B are thousands, millions, billions)';
const ZEROS: Readonly<Record<string, number>> = { k: 3, M: 6, B: 9 };

const per = choice<BudgetSetting['per']>({ day: 'day', week: 'week', month: 'month' });

const limit: Reader<Pick<BudgetSetting, 'unit' | 'limit'>> = single(LIMIT_FORMS, (text) => {
  const [, dollars] = /^\$ ?(\d{1,9}(?:\.\d{1,6})?)$/.exec(text) ?? [];
  if (dollars !== undefined) return Number(dollars) > 0 ? { unit: 'USD', limit: dollars } : undefined;
  const [, count = '', suffix = ''] = /^(\d{1,12}(?:\.\d{1,3})?) ?([kMB]?) tokens$/.exec(text) ?? [];
  // In digits: 0.1 million is no whole number in binary.
  const [whole = '', fraction = ''] = count.split('.');
  const zeros = ZEROS[suffix] ?? 0;
  const tokens = `${whole}${fraction.padEnd(zeros, '0')}`;
  return fraction.length <= zeros && Number(tokens) > 0
    ? { unit: 'TOKENS', limit: BigInt(tokens).toString() }
    : undefined;
});

const tier: Reader<number> = single(`${SHARE_FORMS}, above 0`, (text) => parseShare(text) || undefined);

const tiers: Reader<readonly number[]> = (value, problems) => {
  const read = distinctList(tier, formatShare, '[50%, 80%, 100%]')(value, problems);
  return value.kind === 'list' && value.items.length === 0
    ? problems.add(value, 'the list is empty: leave the key out for 50%, 80% and 100%')
    : read && [...read].sort((left, right) => left - right);
};

/** Reads one of `budgets`. */
export const budget: Reader<BudgetSetting> = (value, problems) => {
  const section = new Section(value, KEYS, problems);
  const name = section.require('name', word('a name'), 'write a name, by which it is told from others');
  const amount = section.require('limit', limit, `write ${LIMIT_FORMS}`);
  const period = section.require('per', per, 'write day, week or month');
  const others = {
    fleet: section.read('fleet', fleet, null),
    agents: section.read('agents', patterns, null),
    customerSegments: section.read('customer_segments', patterns, null),
    models: section.read('models', patterns, null),
    warnAt: section.read('warn_at', tiers, DEFAULT_WARN_AT),
  };
  if (name === undefined || amount === undefined || period === undefined) return undefined;
  return { name, ...amount, per: period, ...others };
};
