import { BUSIEST, OLD_VERSION } from '../fleet.js';
import { MODELS, type ModelProfile } from '../model.js';
import type { Fault } from './fault.js';

/** A fault that lasts, and comes again after a while. Seconds are counted from the start of the traffic. */
interface Incident {
  fault: Fault;
  firstAtS: number;
  everyS: number;
  lastsS: number;
}

/** `get_invoice` fails for most of its callers. */
export const OUTAGE = { tool: 'get_invoice', share: 0.8 } as const;
/** The provider of one model is slow. */
export const SLOWDOWN = { model: MODELS.sonnet, factor: 3.5 } as const;
export const SILENCED_AGENT = 'knowledge-use';

const INCIDENTS = {
  outage: {
    fault: {
      kind: 'TOOL_FAILURE',
      agent: 'billing-*',
      detail: `${OUTAGE.tool} fails for ${OUTAGE.share * 100} % of calls`,
    },
    firstAtS: 30,
    everyS: 300,
    lastsS: 45,
  },
  silence: {
    fault: { kind: 'SILENT_AGENT', agent: SILENCED_AGENT, detail: 'receives nothing and sends nothing for 240 s' },
    firstAtS: 90,
    everyS: 900,
    lastsS: 240,
  },
  slowdown: {
    fault: {
      kind: 'METRIC_ANOMALY',
      agent: '*',
      detail: `${SLOWDOWN.model.requestModel} takes ${SLOWDOWN.factor} times as long`,
    },
    firstAtS: 120,
    everyS: 600,
    lastsS: 150,
  },
} as const satisfies Record<string, Incident>;

export type IncidentName = keyof typeof INCIDENTS;
const NAMES = Object.keys(INCIDENTS) as IncidentName[];

/** What is true of the fleet all the time. */
export const STANDING_FAULTS: readonly Fault[] = [
  { kind: 'VERSION_DRIFT', agent: OLD_VERSION.agent, detail: `still on ${OLD_VERSION.version}` },
  { kind: 'LOAD_SKEW', agent: BUSIEST.agent, detail: `takes ${BUSIEST.share * 100} % of all decisions` },
];

export function activeIncidents(elapsedS: number): ReadonlySet<IncidentName> {
  return new Set(NAMES.filter((name) => isActive(INCIDENTS[name], elapsedS)));
}

/** The faults that begin after `fromS` and no later than `toS`. */
export function incidentsBeginning(fromS: number, toS: number): Fault[] {
  return NAMES.filter((name) => {
    const { firstAtS, everyS } = INCIDENTS[name];
    const count = (atS: number) => Math.floor((atS - firstAtS) / everyS);
    return toS >= firstAtS && count(toS) > Math.max(count(fromS), -1);
  }).map((name) => INCIDENTS[name].fault);
}

function isActive({ firstAtS, everyS, lastsS }: Incident, elapsedS: number): boolean {
  return elapsedS >= firstAtS && (elapsedS - firstAtS) % everyS < lastsS;
}

export function slownessDuring(active: ReadonlySet<IncidentName>): (model: ModelProfile) => number {
  return (model) => (active.has('slowdown') && model === SLOWDOWN.model ? SLOWDOWN.factor : 1);
}
