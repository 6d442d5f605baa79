import type { Clock } from '../../clock.js';
import { readSecret } from '../../config.js';
import type { Settings } from '../../settings/settings.js';
import type { ReportSigner } from './sign-report.js';

/**
 * Whoever signs reports by the settings; null when nobody does. Rejects with VALIDATION_FAILED for a key or certificate that could not
 * sign now: a report is signed as the settings say, or not made.
 */
export async function openSigner(
  { reports: { signature }, timestamps }: Pick<Settings, 'reports' | 'timestamps'>,
  { clock, stopped }: { clock: Clock; stopped: AbortSignal },
): Promise<ReportSigner | null> {
  if (signature === null) return null;
  // Loaded where there is something to sign with: most installations sign no reports.
  const [{ readIdentity }, { ReportSigner }, { openAuthority }] = await Promise.all([
    import('./identity.js'),
    import('./sign-report.js'),
    import('../../timestamp/open-authority.js'),
  ]);
  const identity = readIdentity(signature, { secretOf: readSecret, nowMs: clock.now() });
  if (!signature.isTimestamped || timestamps === null) return new ReportSigner({ identity, authority: null, clock });
  return new ReportSigner({ identity, authority: openAuthority(timestamps, { clock, stopped }), clock });
}
