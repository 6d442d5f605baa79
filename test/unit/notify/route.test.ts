import { expect, test } from 'vitest';
import { routeAlert } from '../../../src/notify/plan/route.js';
import { createWatchdog } from '../../../src/notify/watchdog.js';
import { alertOf, NOW, routeOf } from '../../support/alert.js';

const receiversOf = (alert = alertOf(), ...routes: Parameters<typeof routeOf>[0][]) =>
  routeAlert(alert, routes.map(routeOf)).map(({ receiver }) => receiver);

test('the first route that matches says who is told', () => {
  const routes = [
    { match: { severity: 'critical', agent: 'fraud-*' }, receivers: ['pager'] },
    { match: { severity: 'critical' }, receivers: ['risk', 'chat'] },
    { receivers: ['rest'] },
  ];
  expect(receiversOf(alertOf({ labels: { agent: 'fraud-eu' } }), ...routes)).toEqual(['pager']);
  expect(receiversOf(alertOf(), ...routes)).toEqual(['risk', 'chat']);
  expect(receiversOf(alertOf({ severity: 'INFO' }), ...routes)).toEqual(['rest']);
});

test('a label that is not there is as an empty one, and every alert has its fleet', () => {
  expect(receiversOf(alertOf(), { match: { team: '' } })).toEqual(['ops']);
  expect(receiversOf(alertOf(), { match: { team: 'risk' } })).toEqual([]);
  expect(receiversOf(alertOf(), { match: { constructor: 'function*' } })).toEqual([]);
  expect(receiversOf(alertOf({ fleet: 'eu' }), { match: { fleet: 'eu' } })).toEqual(['ops']);
});

test('a route that continues adds to those after it, and each receiver is told by one of them', () => {
  const routes = [
    { match: { severity: 'critical' }, receivers: ['pager', 'chat'], isContinued: true },
    { receivers: ['chat', 'archive'], groupBy: [] },
  ].map(routeOf);
  expect(routeAlert(alertOf(), routes).map(({ receiver, groupLabels }) => [receiver, groupLabels])).toEqual([
    ['pager', { alertname: 'HighErrorRate', agent: 'billing' }],
    ['chat', { alertname: 'HighErrorRate', agent: 'billing' }],
    ['archive', {}],
  ]);
});

test('groups never cross fleets, and labels cannot be made to look like others', () => {
  const keyOf = (over: Parameters<typeof alertOf>[0], groupBy = ['alertname', 'agent']) =>
    routeAlert(alertOf(over), [routeOf({ groupBy })])[0]?.groupKey;
  expect(keyOf({})).toBe(keyOf({ id: 'a2' }, ['agent', 'alertname']));
  expect(keyOf({ fleet: 'eu' }, [])).not.toBe(keyOf({}, []));
  expect(keyOf({ labels: { agent: '"],["x' } })).not.toBe(keyOf({ labels: { agent: '' } }));
});

test('the watchdog goes only where it is named', () => {
  const routes = [{ receivers: ['everything'] }];
  expect(receiversOf(createWatchdog(NOW), ...routes)).toEqual([]);
  expect(
    receiversOf(createWatchdog(NOW), { match: { alertname: 'Watchdog' }, receivers: ['snitch'] }, ...routes),
  ).toEqual(['snitch']);
});
