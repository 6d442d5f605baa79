import { describe, expect, it } from 'vitest';
import { ALERT_CASES, readAlertCases, transitionsOf } from '../../support/alert-cases.js';

const cases = readAlertCases(ALERT_CASES);

describe.skipIf(cases === null)(
  'the reference cases of alert rules (../shared/data/alerts, skipped where it is absent)',
  () => {
    it('come out with exactly the changes of state that are expected', () => {
      const differing = (cases ?? []).filter((each) => {
        const transitions = transitionsOf(each);
        return JSON.stringify(transitions) !== JSON.stringify(each.transitions);
      });
      expect(differing.map(({ id }) => id)).toEqual([]);
    });
  },
);
