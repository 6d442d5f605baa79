/** How figures and times are written: the same on every machine, whatever its language. */

/** `12 345`, with thin spaces as the SI brochure has it. */
export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, '\u2009');
}

/** `3 decisions`, `1 decision`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${grouped(count)} ${count === 1 ? singular : plural}`;
}

/** `0.42 %`; a dash where there is nothing to be a share of. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const share = (part / whole) * 100;
  return `${share === 0 || share >= 99.995 || Number.isInteger(share) ? Math.round(share) : share.toFixed(share < 10 ? 2 : 1)} %`;
}

/** `850 ms`, `4.2 s`, `12.5 min`, `3.1 h`, `2.4 d`; a dash for what is not known. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 7_200_000) return `${(ms / 60_000).toFixed(1)} min`;
  if (ms < 172_800_000) return `${(ms / 3_600_000).toFixed(1)} h`;
  return `${(ms / 86_400_000).toFixed(1)} d`;
}

/** `$1 234.50` of exact decimal text; at least two decimals and at most six. */
export function dollars(amount: string | null): string {
  if (amount === null) return '–';
  const [whole = '0', fraction = ''] = amount.split('.');
  return `$${grouped(Number(whole))}.${fraction.slice(0, 6).padEnd(2, '0')}`;
}

/** The first and last digits of a long hash. */
export function abbreviated(hash: string): string {
  return hash.length <= 24 ? hash : `${hash.slice(0, 12)}…${hash.slice(-8)}`;
}

const QUARTER_MS = 900_000;
const DAYS_KEPT = 10_000;

/** Times and days in one time zone. */
export class Calendar {
  readonly #format: Intl.DateTimeFormat;
  /** By quarter of an hour, within which no zone changes its day. */
  readonly #days = new Map<number, string>();

  /** `zone`: an IANA name. Throws RangeError for one that is not known. */
  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /** `2026-11-24`. */
  day(ms: number): string {
    const quarter = Math.floor(ms / QUARTER_MS);
    let text = this.#days.get(quarter);
    if (text === undefined) {
      const { year, month, day } = this.#parts(ms);
      text = `${year}-${month}-${day}`;
      if (this.#days.size >= DAYS_KEPT) this.#days.clear();
      this.#days.set(quarter, text);
    }
    return text;
  }

  /** `2026-11-24 08:30:00`. */
  moment(ms: number): string {
    const { hour, minute, second } = this.#parts(ms);
    return `${this.day(ms)} ${hour}:${minute}:${second}`;
  }

  /** `2026-11-24 08:30:00.125`. */
  exactMoment(ms: number): string {
    return `${this.moment(ms)}.${String(((ms % 1_000) + 1_000) % 1_000).padStart(3, '0')}`;
  }

  #parts(ms: number): Record<string, string> {
    return Object.fromEntries(this.#format.formatToParts(ms).map(({ type, value }) => [type, value]));
  }
}
