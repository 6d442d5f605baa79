/** Whether it says that whoever read along has gone, as `head` does. */
export function isUnread(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/**
 * What nobody reads any more is no failure: a command still ends with what it came to. What cannot be written for another
 * reason, as on a full disk, ends it with `failure`.
 */
export function heedOutput(failure: number): void {
  process.stdout.on('error', (error) => {
    if (isUnread(error)) return;
    tell(`midwatch: what it found cannot be written: ${error.message}`);
    process.exit(failure);
  });
  // Then there is nobody to tell, of this neither.
  process.stderr.on('error', () => undefined);
}

/** `3 entries`, `1 entry`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

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
