/** What is wrong with a condition's text, on its way from where it is found to `parseCondition`. */
export class Mistake extends Error {
  /** Where in the text, in UTF-16 units from 0. */
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.name = 'Mistake';
    this.offset = offset;
  }
}
