const FIRST_QUERY = `# Paste a token into the Headers tab below:
#   { "Authorization": "Bearer …", "X-Fleet-ID": "default" }
# npx midwatch token   prints one.

query LatestDecisions {
  decisions(first: 5) {
    nodes { id agent { name } outcome latencyMs tokens { total } costUsd ledgerEntry { seq hash } }
  }
}
`;

let page: Promise<string> | null = null;

/** GraphiQL with everything it needs inside the page, megabytes of it: loaded when somebody first wants it. */
export function explorerPage(): Promise<string> {
  page ??= renderPage();
  return page;
}

async function renderPage(): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return renderGraphiQL({ title: 'Midwatch GraphQL', defaultQuery: FIRST_QUERY, shouldPersistHeaders: false });
}
