import type { Clock } from '../../clock.js';
import { readSecret } from '../../config.js';
import type { Settings } from '../../settings/settings.js';
import { openAuthority } from '../../timestamp/open-authority.js';
import { readIdentity } from './identity.js';
import { ReportSigner } from './sign-report.js';

/**
 * Whoever signs reports by the settings; null when nobody does. Throws VALIDATION_FAILED for a key or certificate that could not
 * sign now: a report is signed as the settings say, or not made.
 */
export function openSigner(
  { reports: { signature }, timestamps }: Pick<Settings, 'reports' | 'timestamps'>,
  { clock, stopped }: { clock: Clock; stopped: AbortSignal },
): ReportSigner | null {
  if (signature === null) return null;
  const identity = readIdentity(signature, { secretOf: readSecret, nowMs: clock.now() });
  if (!signature.isTimestamped || timestamps === null) return new ReportSigner({ identity, authority: null, clock });
  return new ReportSigner({ identity, authority: openAuthority(timestamps, { clock, stopped }), clock });
}
