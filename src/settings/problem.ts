/** Where something stands in the file: line and column, from 1, and the keys that lead to it. */
export interface Place {
  line: number;
  column: number;
  /** `agent_monitoring.sampling.rules[0].agents`; '' for the file itself. */
  key: string;
}

/** What is wrong, where, and what to write instead, on one line. */
export interface Problem extends Place {
  message: string;
}

const LISTED_MAX = 100;
const QUOTED_MAX = 60;

/** Everything that is wrong with one file. */
export class Problems {
  readonly #found = new Map<string, Problem>();

  /**
   * Notes the first problem of each place: others follow from it, or are the same by an alias. Returns undefined, for a
   * reader that has nothing else to return.
   */
  add({ line, column, key }: Place, message: string): undefined {
    const place = `${line}:${column}:${key}`;
    if (!this.#found.has(place))
      this.#found.set(place, { line, column, key, message: message.replaceAll(/\s+/g, ' ') });
  }

  /** In the order of the file; what is beyond a hundred is only counted, as the last of them. */
  list(): readonly Problem[] {
    const found = [...this.#found.values()].sort((a, b) => a.line - b.line || a.column - b.column);
    const beyond = found[LISTED_MAX];
    if (beyond === undefined) return found;
    const more = { ...beyond, key: '', message: `and ${found.length - LISTED_MAX} more problems from here on` };
    return [...found.slice(0, LISTED_MAX), more];
  }
}

/** `file:line:column: key: message`, as compilers write it. */
export function formatProblem(fileName: string, { line, column, key, message }: Problem): string {
  return `${fileName}:${line}:${column}: ${key === '' ? '' : `${key}: `}${message}`;
}

/** What was written, in quotes, cut where it is long. */
export function quote(written: string): string {
  return JSON.stringify(written.length > QUOTED_MAX ? `${written.slice(0, QUOTED_MAX)}…` : written);
}
