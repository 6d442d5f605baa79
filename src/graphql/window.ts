import { builder } from './builder.js';

/** The arguments of fields that are of a window of time. */
export const windowArguments = builder.args((t) => ({
  from: t.field({ type: 'DateTime', description: 'Where the window begins; a day before its end when left out.' }),
  to: t.field({ type: 'DateTime', description: 'Where it ends; now when left out.' }),
}));
