import type { StatusSettings } from '../../settings/settings.js';
import type { AgentStatus } from '../agent.js';
import { duration, percent } from '../wording.js';
import { judgeSilence, type Rhythm } from './rhythm.js';

/** What an agent did in some span of time. */
export interface Performance {
  decisions: number;
  errors: number;
  /** Null when there are no decisions. */
  p95LatencyMs: number | null;
}

export interface Health {
  status: AgentStatus;
  /** A sentence that says what the status is judged by. */
  reason: string;
  /** Since its newest decision ended, milliseconds. */
  silentForMs: number;
}

export interface Evidence {
  /** The last hour. */
  now: Performance;
  /** The week before it. */
  usual: Performance;
  rhythm: Rhythm;
}

/** Fewer decisions say nothing of a 95th percentile. */
const LATENCIES_MIN = 20;
const USUAL_LATENCIES_MIN = 50;

/** Judges an agent by its own history: what is usual for it is healthy, unless it is beyond what the settings allow. */
export function judgeHealth({ now, usual, rhythm }: Evidence, settings: StatusSettings, nowMs: number): Health {
  const silentForMs = Math.max(0, nowMs - rhythm.lastSeenMs);
  const verdict =
    silenceOf(rhythm, { settings, nowMs, silentForMs }) ??
    errorsOf(now, usual, settings) ??
    slownessOf(now, usual, settings);
  return { ...(verdict ?? { status: 'HEALTHY', reason: healthyReason(now, silentForMs) }), silentForMs };
}

type Verdict = Pick<Health, 'status' | 'reason'> | null;

function silenceOf(
  rhythm: Rhythm,
  { settings, nowMs, silentForMs }: { settings: StatusSettings; nowMs: number; silentForMs: number },
): Verdict {
  const { silentAfterMs } = settings;
  const since = `no decision for ${duration(silentForMs)}`;
  if (silentAfterMs !== null) {
    if (silentForMs < silentAfterMs) return null;
    return { status: 'SILENT', reason: `${since}; at most ${duration(silentAfterMs)} are allowed` };
  }
  const { isSilent, expected } = judgeSilence(rhythm, nowMs);
  if (!isSilent) return null;
  const rhythmSays = expected >= 1 ? `; by its own rhythm about ${Math.round(expected)} were to be expected` : '';
  return { status: 'SILENT', reason: `${since}${rhythmSays}` };
}

function errorsOf(now: Performance, usual: Performance, settings: StatusSettings): Verdict {
  const { decisions, errors } = now;
  if (decisions === 0) return null;
  const rate = errors / decisions;
  const least = leastLikelyRate(errors, decisions);
  const reason = `${errors} of ${decisions} decisions failed in the last hour`;
  if (rate >= settings.failingErrorRate && least >= settings.failingErrorRate / 2) return { status: 'FAILING', reason };
  const usualRate = usual.decisions === 0 ? 0 : usual.errors / usual.decisions;
  // One failure among few is no evidence, and neither is what is usual for the agent.
  if (rate < settings.degradedErrorRate || errors < 2 || least <= usualRate) return null;
  return { status: 'DEGRADED', reason: `${reason}; ${percent(usualRate)} are usual` };
}

function slownessOf(now: Performance, usual: Performance, settings: StatusSettings): Verdict {
  const isKnown = now.decisions >= LATENCIES_MIN && usual.decisions >= USUAL_LATENCIES_MIN;
  if (!isKnown || now.p95LatencyMs === null || usual.p95LatencyMs === null) return null;
  if (now.p95LatencyMs < settings.degradedLatencyFactor * usual.p95LatencyMs) return null;
  return {
    status: 'DEGRADED',
    reason: `95 % of decisions took up to ${duration(now.p95LatencyMs)} in the last hour; ${duration(usual.p95LatencyMs)} are usual`,
  };
}

/** Wilson's lower bound of a rate at 95 % confidence (Wilson, JASA 22, 1927). */
export function leastLikelyRate(hits: number, total: number): number {
  if (total === 0) return 0;
  const z = 1.96;
  const rate = hits / total;
  const centre = rate + (z * z) / (2 * total);
  const margin = z * Math.sqrt((rate * (1 - rate)) / total + (z * z) / (4 * total * total));
  return Math.max(0, (centre - margin) / (1 + (z * z) / total));
}

function healthyReason({ decisions, errors }: Performance, silentForMs: number): string {
  if (decisions === 0) return `idle for ${duration(silentForMs)}, as is usual for it`;
  return errors === 0
    ? 'no decision failed in the last hour'
    : `${errors} of ${decisions} decisions failed in the last hour`;
}
