/** The usual message begins with the condition, which is what the rule is known by where it is shown beside it. */
export function shortenSummary(summary: string, condition: string): string {
  const beginning = `${condition} for `;
  return summary.startsWith(beginning) ? summary.slice(beginning.length) : summary;
}
