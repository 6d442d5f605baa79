import type { FunctionComponent } from 'preact';
import type { IconName } from '../element/icon.js';
import { place } from './location.js';

/** What a screen is told: the part of the path after its own. */
export interface ScreenProps {
  name: string;
}

export interface Screen {
  /** `/decisions`; one that ends in `/` takes a name after it. */
  path: string;
  title: string;
  /** In the navigation; null: it is come to from another. */
  nav: { icon: IconName; key: string } | null;
  load: () => Promise<FunctionComponent<ScreenProps>>;
}

/** All screens, in the order of the navigation. Each is loaded when it is first gone to. */
export const SCREENS: readonly Screen[] = [
  {
    path: '/',
    title: 'Overview',
    nav: { icon: 'overview', key: 'o' },
    load: async () => (await import('../screen/overview/overview.js')).Overview,
  },
  {
    path: '/fleet',
    title: 'Fleet',
    nav: { icon: 'fleet', key: 'f' },
    load: async () => (await import('../screen/fleet/fleet.js')).Fleet,
  },
  {
    path: '/fleet/',
    title: 'Agent',
    nav: null,
    load: async () => (await import('../screen/agent/agent.js')).Agent,
  },
  {
    path: '/decisions',
    title: 'Decisions',
    nav: { icon: 'decisions', key: 'd' },
    load: async () => (await import('../screen/decisions/decisions.js')).Decisions,
  },
  {
    path: '/decisions/',
    title: 'Decision',
    nav: null,
    load: async () => (await import('../screen/decision/decision.js')).Decision,
  },
  {
    path: '/anomalies',
    title: 'Anomalies',
    nav: { icon: 'anomaly', key: 'n' },
    load: async () => (await import('../screen/anomalies/anomalies.js')).Anomalies,
  },
  {
    path: '/alerts',
    title: 'Alerts',
    nav: { icon: 'alert', key: 'a' },
    load: async () => (await import('../screen/alerts/alerts.js')).Alerts,
  },
  {
    path: '/alerts/rules',
    title: 'Alert rules',
    nav: null,
    load: async () => (await import('../screen/rules/rules.js')).Rules,
  },
  {
    path: '/alerts/rules/',
    title: 'Alert rule',
    nav: null,
    load: async () => (await import('../screen/rules/rule.js')).Rule,
  },
  {
    path: '/alerts/silences',
    title: 'Silences',
    nav: null,
    load: async () => (await import('../screen/silences/silences.js')).Silences,
  },
  {
    path: '/cost',
    title: 'Cost',
    nav: { icon: 'cost', key: 'c' },
    load: async () => (await import('../screen/cost/cost.js')).Cost,
  },
  {
    path: '/ledger',
    title: 'Ledger',
    nav: { icon: 'ledger', key: 'l' },
    load: async () => (await import('../screen/ledger/ledger.js')).Ledger,
  },
  {
    path: '/reports',
    title: 'Reports',
    nav: { icon: 'report', key: 'r' },
    load: async () => (await import('../screen/reports/reports.js')).Reports,
  },
  {
    path: '/settings',
    title: 'Settings',
    nav: { icon: 'settings', key: 's' },
    load: async () => (await import('../screen/settings/settings.js')).Settings,
  },
];

export interface Match {
  screen: Screen;
  name: string;
}

/** The screen of a path; null when there is none. */
export function matchScreen(path: string): Match | null {
  for (const screen of SCREENS) {
    if (screen.path === path) return { screen, name: '' };
    const isNamed = screen.path.endsWith('/') && screen.path !== '/';
    if (isNamed && path.startsWith(screen.path)) return { screen, name: decode(path.slice(screen.path.length)) };
  }
  return null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Typed by hand: as it is, it names nothing, and the screen says so.
    return text;
  }
}

/** Whether a screen of the navigation is where we are: an agent is in the fleet, a decision among the decisions. */
export function isCurrent(screen: Screen): boolean {
  const { path } = place.value;
  if (screen.path === '/') return path === '/';
  return path === screen.path || path.startsWith(`${screen.path}/`);
}
