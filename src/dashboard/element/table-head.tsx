/** The head of a table whose first columns are texts and whose last ones are numbers. */
export function TableHead({ texts, numbers = [] }: { texts: readonly string[]; numbers?: readonly string[] }) {
  return (
    <thead>
      <tr>
        {texts.map((title) => (
          <th key={title} scope="col">
            {title}
          </th>
        ))}
        {numbers.map((title) => (
          <th key={title} scope="col" class="number">
            {title}
          </th>
        ))}
      </tr>
    </thead>
  );
}
