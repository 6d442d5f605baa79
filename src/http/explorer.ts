import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

/** GraphiQL with everything it needs inside the page: it asks no other host for anything. */
export const EXPLORER_PAGE = renderGraphiQL({
  title: 'Midwatch GraphQL',
  defaultQuery: `# Paste a token into the Headers tab below:
#   { "Authorization": "Bearer …", "X-Fleet-ID": "default" }
# npx midwatch token   prints one.

query LatestDecisions {
  decisions(first: 5) {
    nodes { id agent { name } outcome latencyMs tokens { total } costUsd ledgerEntry { seq hash } }
  }
}
`,
  shouldPersistHeaders: false,
});
