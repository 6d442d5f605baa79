/** Something that was asked for and did not come, in words for whoever looks at the screen. */
export class Failure extends Error {
  /** As docs/OPERATIONS.md lists them; OFFLINE when the server was not reached. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure('OFFLINE', 'The server cannot be reached.');
}
