import { ROLES } from '../../access/policy.js';
import { builder } from '../builder.js';
import { RoleEnum } from '../enums.js';
import { ViewerRef } from '../refs.js';

ViewerRef.implement({
  description: 'Whose credential this is.',
  fields: (t) => ({
    subject: t.exposeString('subject', { description: 'The token’s `sub`, or `key:<id>` for an API key.' }),
    roles: t.field({
      type: [RoleEnum],
      description: 'What the credential may do.',
      resolve: ({ roles }) => ROLES.filter((role) => roles.has(role)),
    }),
    fleets: t.stringList({
      description: 'The ids of the fleets it may enter; `*` alone for all.',
      resolve: ({ fleets }) => (fleets === '*' ? ['*'] : [...fleets].sort()),
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerRef,
    description: 'Whose credential this is; every role may ask. Example: `viewer { subject roles fleets }`.',
    resolve: (_root, _args, { viewer }) => viewer,
  }),
);
