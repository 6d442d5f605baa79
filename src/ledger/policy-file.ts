import { readFileSync } from 'node:fs';
import { AppError } from '../errors.js';
import { type Policy, PolicyFault, parsePolicy } from './note/policy.js';

/**
 * Reads a C2SP tlog-policy. Throws VALIDATION_FAILED in one line that begins with `source`, the option or variable that
 * names the file.
 */
export function readPolicyFile(file: string, source: string): Policy {
  return readPolicyWithText(file, source).policy;
}

/** The same, with the file's text as it stands. */
export function readPolicyWithText(file: string, source: string): { policy: Policy; text: string } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError(
      'VALIDATION_FAILED',
      `${source}: ${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      {
        cause,
      },
    );
  }
  try {
    return { policy: parsePolicy(text), text };
  } catch (cause) {
    if (!(cause instanceof PolicyFault)) throw cause;
    throw new AppError('VALIDATION_FAILED', `${source}: ${file}: ${cause.message}`, { cause });
  }
}
