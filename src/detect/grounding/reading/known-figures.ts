import { dayKey, minutesOf, monthOf, multiplierOf, numberOfWord, type Reading, restatements } from './figures.js';

/** Figures of the sources, each under all that an answer may call it. */
export class KnownFigures {
  readonly #numbers = new Set<number>();
  /** Numbers that are not among those yet: many answers are held against the texts of figures alone. */
  readonly #unread: number[] = [];
  readonly #days = new Set<string>();
  readonly #minutes = new Set<number>();
  readonly #texts = new Set<string>();
  #month = 0;
  #last: Reading | null = null;
  /** A day follows its month or goes before it, in "10th - 20th June" as in "June 10 to 20". */
  #dayBefore = 0;

  addFigure(plain: string, reading: Reading): void {
    this.#texts.add(plain);
    this.#last = reading;
    if (reading.kind === 'CLOCK') this.#minutes.add(reading.minutes);
    if (reading.kind === 'DATE') {
      this.#readNumbers().add(reading.year);
      for (const day of reading.days) this.#days.add(day);
    }
    if (reading.kind !== 'NUMBER') return;
    for (const value of reading.values) this.#unread.push(value);
    const times = reading.suffix === '' ? undefined : multiplierOf(reading.suffix);
    if (times !== undefined) for (const value of reading.values) this.#readNumbers().add(value * times);
    const [day = 0] = reading.values;
    this.#dayBefore = day <= 31 ? day : 0;
    if (this.#month > 0 && this.#dayBefore > 0) this.#days.add(dayKey(this.#month, day));
    else this.#month = 0;
  }

  /** Words that are figures, or say what the figure before them means. */
  addWord(plain: string): void {
    const last = this.#last;
    this.#last = null;
    const number = numberOfWord(plain);
    if (number !== undefined) this.#readNumbers().add(number);
    const month = monthOf(plain);
    if (month > 0) {
      this.#month = month;
      if (this.#dayBefore > 0) this.#days.add(dayKey(month, this.#dayBefore));
    } else if (plain !== 'to' && plain !== 'and' && plain !== 'the') this.#month = 0;
    if (plain !== 'of') this.#dayBefore = 0;
    if (last?.kind === 'NUMBER' && (plain === 'am' || plain === 'pm')) {
      this.#minutes.add(minutesOf(last.values[0] ?? 0, 0, plain));
    } else if (last?.kind === 'CLOCK' && plain === 'pm') {
      this.#minutes.add(minutesOf(Math.floor(last.minutes / 60), last.minutes % 60, plain));
    } else if (last?.kind === 'NUMBER') {
      const times = multiplierOf(plain);
      if (times !== undefined) for (const value of last.values) this.#readNumbers().add(value * times);
    }
  }

  /** Any other word ends what a month before it is the month of. */
  addPlainWord(): void {
    this.#last = null;
    this.#month = 0;
    this.#dayBefore = 0;
  }

  addAddress(plain: string): void {
    this.#texts.add(addressKey(plain));
  }

  get numbers(): ReadonlySet<number> {
    return this.#readNumbers();
  }

  #readNumbers(): Set<number> {
    for (const value of this.#unread) {
      this.#numbers.add(value);
      for (const restated of restatements(value)) this.#numbers.add(restated);
    }
    this.#unread.length = 0;
    return this.#numbers;
  }

  /** Whether there are times or days to work out a duration from. */
  get hasTimes(): boolean {
    return this.#minutes.size > 1 || this.#days.size > 1;
  }

  hasNumber(value: number): boolean {
    return this.numbers.has(value);
  }

  hasDay(key: string): boolean {
    return this.#days.has(key);
  }

  hasMinute(minutes: number): boolean {
    return this.#minutes.has(minutes);
  }

  hasText(plain: string): boolean {
    return this.#texts.has(plain);
  }

  hasAddress(plain: string): boolean {
    return this.#texts.has(addressKey(plain));
  }
}

/** An address without what may be left out of it. */
function addressKey(plain: string): string {
  return plain
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .replace(/\/$/, '');
}
