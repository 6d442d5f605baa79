import { useQuery } from '../../data/use-query.js';
import { Panel, Skeleton } from '../../element/panel.js';
import { windowOf } from '../../route/range.js';
import { filter, slice } from '../../route/slice.js';
import { Overview as OverviewQuery } from './overview.graphql.js';

export function Overview() {
  const { from, to } = windowOf(slice.value.range, Date.now());
  const { data } = useQuery(OverviewQuery, { from, to, filter: filter.value });
  if (data === null) return <Skeleton />;
  return <Panel title="Overview">{data.agents.nodes.length}</Panel>;
}
