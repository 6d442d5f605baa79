import type { AppError, ErrorCode } from '../errors.js';

/** A refusal as a value: graphql-js throws whatever a resolver returns that is an Error. */
export class Refusal {
  readonly message: string;
  /** Where in the input; empty when it is not about one place. */
  readonly path: readonly string[];
  readonly code: ErrorCode;

  constructor({ message, path = [], code }: AppError) {
    this.message = message;
    this.path = path.map(String);
    this.code = code;
  }
}
