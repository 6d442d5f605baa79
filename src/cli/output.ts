/** Data: what a script reads. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printJson(data: unknown): void {
  printLine(JSON.stringify(data, null, 2));
}

/** A message: what a person reads. */
export function tell(message: string): void {
  process.stderr.write(`${message}\n`);
}
