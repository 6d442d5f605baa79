import { builder } from '../builder.js';
import { OutcomeEnum, RiskClassEnum } from '../enums.js';

export const DecisionFilterInput = builder.inputType('DecisionFilter', {
  description: 'Which decisions: every condition that is given must hold; a list holds when one of its values does.',
  fields: (t) => ({
    agents: t.stringList({ description: 'Made by an agent of one of these names.' }),
    models: t.stringList({ description: 'Answered by one of these models.' }),
    providers: t.stringList({ description: 'With a model of one of these providers.' }),
    customerSegments: t.stringList({ description: 'For one of these customer segments.' }),
    requestTypes: t.stringList({ description: 'Of one of these request types.' }),
    riskClasses: t.field({ type: [RiskClassEnum], description: 'Of one of these risk classes.' }),
    regions: t.stringList({ description: 'Made in one of these regions.' }),
    environments: t.stringList({ description: 'Made in one of these environments.' }),
    agentVersions: t.stringList({ description: 'Made by one of these versions of an agent.' }),
    outcomes: t.field({ type: [OutcomeEnum], description: 'That ended in one of these ways.' }),
    conversationId: t.string({ description: 'Of this conversation.' }),
    traceId: t.string({ description: 'Of this trace.' }),
    from: t.field({ type: 'DateTime', description: 'Started at this time or after.' }),
    to: t.field({ type: 'DateTime', description: 'Started before this time.' }),
    latencyMsAtLeast: t.float({ description: 'That took this many milliseconds or more.' }),
    tokensAtLeast: t.int({ description: 'That used this many tokens or more, input and output together.' }),
    costUsdAtLeast: t.float({ description: 'That cost this many US dollars or more.' }),
    text: t.string({
      description: 'With this text in the input or the output, in capitals or not. Needs a role that reads content.',
    }),
  }),
});
