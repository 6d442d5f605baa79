// Written by npm run operations from facets.graphql: change that.
import type { Operation } from '../data/operation.js';

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type FacetsQueryVariables = Exact<{
  from: string;
  to: string;
}>;


export type FacetsQuery = { agents: Array<ValuesFragment>, models: Array<ValuesFragment>, customerSegments: Array<ValuesFragment>, regions: Array<ValuesFragment>, environments: Array<ValuesFragment>, requestTypes: Array<ValuesFragment> };

export type ValuesFragment = { value: number | null, labels: Array<{ value: string, isFolded: boolean }> };

export const Facets = "query Facets($from:DateTime!$to:DateTime!){agents:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to groupBy:[AGENT]}){...Values}models:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to groupBy:[MODEL]}){...Values}customerSegments:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to groupBy:[CUSTOMER_SEGMENT]}){...Values}regions:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to groupBy:[REGION]}){...Values}environments:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to groupBy:[ENVIRONMENT]}){...Values}requestTypes:metrics(query:{metric:DECISIONS statistic:COUNT from:$from to:$to groupBy:[REQUEST_TYPE]}){...Values}}fragment Values on MetricSeries{labels{value isFolded}value}" as Operation<FacetsQuery, FacetsQueryVariables>;
