import { describe, expect, it } from 'vitest';
import { isRole, OPERATIONS, ROLES, rolesFor } from '../../../src/access/policy.js';
import { mayDo, mayEnter, requireOperation, type Viewer } from '../../../src/access/viewer.js';

const viewerWith = (...roles: (typeof ROLES)[number][]): Viewer => ({
  subject: 'someone',
  roles: new Set(roles),
  fleets: new Set(['prod-1']),
  expiresAtMs: null,
});

/** Role by role, written out by hand, so that a change of the policy is a change here. */
const MATRIX: Record<(typeof ROLES)[number], string[]> = {
  INGEST: ['telemetry.send'],
  VIEWER: ['decisions.read', 'ledger.read'],
  OPERATOR: ['decisions.read', 'content.read', 'ledger.read', 'alerts.manage'],
  AUDITOR: ['decisions.read', 'content.read', 'ledger.read', 'custody.read', 'reports.use'],
  ADMIN: [
    'telemetry.send',
    'decisions.read',
    'content.read',
    'ledger.read',
    'alerts.manage',
    'settings.reload',
    'keys.manage',
    'fleets.manage',
    'providers.import',
    'custody.read',
    'custody.manage',
    'reports.use',
  ],
};

describe('the policy', () => {
  it.each(ROLES)('lets %s do what the contract says and nothing else', (role) => {
    const allowed = OPERATIONS.filter((operation) => mayDo(viewerWith(role), operation));
    expect(allowed.sort()).toEqual(MATRIX[role].sort());
  });

  it('adds up the roles of a viewer', () => {
    const viewer = viewerWith('INGEST', 'VIEWER');
    expect(mayDo(viewer, 'telemetry.send') && mayDo(viewer, 'decisions.read')).toBe(true);
    expect(mayDo(viewer, 'content.read')).toBe(false);
  });

  it('names the roles that would do when it refuses', () => {
    expect(() => requireOperation(viewerWith('INGEST'), 'content.read')).toThrow(
      expect.objectContaining({
        code: 'FORBIDDEN',
        message: expect.stringContaining(rolesFor('content.read').join(', ')),
      }),
    );
  });

  it('knows roles by their exact names', () => {
    expect(ROLES.every(isRole)).toBe(true);
    expect(['admin', 'ROOT', '', 'constructor'].some(isRole)).toBe(false);
  });

  it('keeps a viewer in the fleets named, unless it is every fleet', () => {
    expect(mayEnter(viewerWith('VIEWER'), 'prod-1')).toBe(true);
    expect(mayEnter(viewerWith('VIEWER'), 'prod-2')).toBe(false);
    expect(mayEnter({ ...viewerWith('VIEWER'), fleets: '*' }, 'prod-2')).toBe(true);
    expect(mayEnter({ ...viewerWith('VIEWER'), fleets: new Set(['*']) }, 'prod-2')).toBe(false);
  });
});
