import type { Settings } from '../settings/settings.js';
import type { InstallationFacts } from './request.js';

/** What reports tell of how the installation is set. */
export function installationFacts({ retention, sampling, alerting }: Settings): InstallationFacts {
  const { HIGH_RISK, ROUTINE, ADMIN } = sampling.shares;
  return {
    retentionMs: retention.decisions,
    sampling: { HIGH_RISK: String(HIGH_RISK), ROUTINE: String(ROUTINE), ADMIN: String(ADMIN) },
    alertRules: alerting.length,
  };
}
