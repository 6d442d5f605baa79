import { HOUR_MS, MINUTE_MS } from '../../time.js';
import type { Value } from '../document.js';
import type { Problems } from '../problem.js';
import { DURATION_FORMS, parseDuration } from '../quantity.js';
import { distinctList, list, type Reader, Section, single } from '../reader.js';
import { networkUrl } from '../url.js';
import { inhibition, maintenance } from './mute.js';
import { receiver } from './receiver.js';
import { readRoutes } from './route.js';
import type { HeartbeatSetting, NotificationSettings } from './settings.js';

const every = single(`${DURATION_FORMS}, from 1s to 1h`, (text) => {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= 1_000 && ms <= HOUR_MS ? ms : undefined;
});

const heartbeat: Reader<HeartbeatSetting> = (value, problems) => {
  const section = new Section(value, ['url', 'every'], problems);
  const url = section.require('url', networkUrl, 'write the URL of whoever notices when nothing comes any more');
  const everyMs = section.read('every', every, MINUTE_MS);
  return url === undefined ? undefined : { url, everyMs };
};

/** Reads `notifications`. */
export function readNotifications(value: Value, problems: Problems): NotificationSettings {
  const keys = ['receivers', 'routes', 'maintenance', 'inhibit', 'heartbeat'] as const;
  const section = new Section(value, keys, problems);
  const named = distinctList(receiver, ({ name }) => `the name ${name}`, '[{name: ops, slack: {url_env: SLACK_URL}}]');
  const receivers = section.read('receivers', named, []);
  const once = '[{match: {agent: kyc-*}, daily: 02:00-03:00}]';
  const muting = '[{source: {severity: critical}, target: {severity: warning}, equal: [agent]}]';
  return {
    receivers,
    routes: readRoutes(section.value('routes'), namesIn(section.value('receivers')), problems),
    maintenance: section.read('maintenance', list(maintenance, once), []),
    inhibit: section.read('inhibit', list(inhibition, muting), []),
    heartbeat: section.read('heartbeat', heartbeat, null),
  };
}

/** The names as they are written: a receiver whose channel is wrong is not missing as well. */
function namesIn(receivers: Value): readonly string[] {
  const names = (receivers.kind === 'list' ? receivers.items : []).map((item) =>
    item.kind === 'mapping' ? item.entries.get('name')?.value : undefined,
  );
  return names.flatMap((name) => (name?.kind === 'text' ? [name.text] : []));
}
