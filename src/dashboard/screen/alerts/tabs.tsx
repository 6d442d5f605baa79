import { Link } from '../../route/link.js';
import { place } from '../../route/location.js';
import './tabs.css';

const TABS = [
  { path: '/alerts', word: 'Inbox' },
  { path: '/alerts/rules', word: 'Rules' },
  { path: '/alerts/silences', word: 'Silences' },
];

/** The screens that are about alerts. */
export function AlertTabs() {
  const { path } = place.value;
  const current = TABS.findLast((tab) => path === tab.path || path.startsWith(`${tab.path}/`))?.path;
  return (
    <nav class="alert-tabs" aria-label="Alerts">
      {TABS.map((tab) => (
        <Link key={tab.path} to={tab.path} aria-current={tab.path === current ? 'page' : undefined}>
          {tab.word}
        </Link>
      ))}
    </nav>
  );
}
