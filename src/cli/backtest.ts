import { AppError } from '../errors.js';
import { scoreCsv } from './backtest-csv.js';
import { backtestRules } from './backtest-rules.js';
import { type Command, JSON_OPTION } from './command.js';

export const backtest: Command = {
  name: 'backtest',
  summary: 'Say what detectors, or alert rules, would have found in the past.',
  positionals: [],
  options: {
    csv: {
      value: 'FILE',
      help: 'Score a series of timestamp,value (- for stdin) and print it with an anomaly_score from 0 to 1.',
    },
    rules: {
      value: 'FILE',
      help: 'Say when the rules of this midwatch.yaml would have fired over the stored history.',
    },
    from: { value: 'TIME', help: 'With --rules: from this day or time (UTC) on; required.' },
    to: { value: 'TIME', help: 'With --rules: until this; now if left out.' },
    fleet: { value: 'ID', help: 'With --rules: in this fleet (default).' },
    every: { value: 'TIME', help: 'With --rules: between two evaluations (1m).' },
    json: JSON_OPTION,
  },
  run: (input) => {
    const [csv, rules] = [input.value('csv'), input.value('rules')];
    if (csv !== undefined && rules !== undefined) {
      throw new AppError('VALIDATION_FAILED', 'give --csv or --rules, not both');
    }
    if (csv !== undefined) return scoreCsv(csv);
    if (rules !== undefined) return backtestRules(rules, input);
    throw new AppError('VALIDATION_FAILED', '--csv or --rules is required');
  },
};
