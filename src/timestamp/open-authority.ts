import type { Clock } from '../clock.js';
import type { TimestampSetting } from '../settings/settings.js';
import { Authority } from './authority.js';
import { readRootsFile } from './roots.js';

/** The authority of the settings. Throws VALIDATION_FAILED when the file with its roots cannot be read. */
export function openAuthority(
  { url, rootsFile }: TimestampSetting,
  { clock, stopped }: { clock: Clock; stopped: AbortSignal },
): Authority {
  return new Authority({ url, roots: readRootsFile(rootsFile, 'timestamps.roots'), clock, stopped });
}
