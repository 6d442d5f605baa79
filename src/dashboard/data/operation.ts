/** The text of a GraphQL operation, with the types of its answer and its variables. `npm run operations` writes them. */
export type Operation<Data, Variables> = string & { readonly __types?: (variables: Variables) => Data };
