import { AppError } from '../errors.js';

const FLEET_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Returns the id when it has a fleet id's form; throws VALIDATION_FAILED that names `source`, where it came from. */
export function parseFleetId(id: string, source: string): string {
  if (FLEET_ID.test(id)) return id;
  throw new AppError(
    'VALIDATION_FAILED',
    `${source}: a fleet id is 1 to 63 letters, digits, dots, hyphens and underscores, and begins with a letter or digit`,
  );
}

export function unknownFleet(id: string): AppError {
  return new AppError('NOT_FOUND', `there is no fleet ${id}: create it with npx midwatch fleet create ${id}`);
}
