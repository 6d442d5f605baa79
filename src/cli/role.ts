import { isRole, ROLES, type Role } from '../access/policy.js';
import { AppError } from '../errors.js';

/** Throws VALIDATION_FAILED, listing the roles, when the name is none. */
export function parseRole(name: string): Role {
  const role = name.toUpperCase();
  if (isRole(role)) return role;
  throw new AppError('VALIDATION_FAILED', `--role: ${JSON.stringify(name)} is none of ${ROLES.join(', ')}`);
}
