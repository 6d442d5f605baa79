/** Whether it says that whoever read along has gone, as `head` does. */
export function isUnread(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/** What nobody reads any more is no failure: a command still ends with what it came to. */
export function heedReaders(): void {
  process.stdout.on('error', (error) => {
    if (!isUnread(error)) throw error;
  });
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
