import { parseFleetId } from '../access/fleet-id.js';
import { AppError } from '../errors.js';
import type { Reader } from './reader.js';

/** A reader of the id of a fleet. */
export const fleet: Reader<string> = (value, problems) => {
  if (value.kind !== 'text') return problems.add(value, 'must be the id of a fleet');
  try {
    return parseFleetId(value.text, JSON.stringify(value.text));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return problems.add(value, error.message);
  }
};
