import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { AppError } from '../errors.js';
import { readIfPresent, readSettings } from './read.js';
import type { Settings } from './settings.js';

/** The sections that are followed while the server runs; the others hold from its start. */
const FOLLOWED = [
  'alerting',
  'notifications',
  'budgets',
  'requiresTool',
] as const satisfies readonly (keyof Settings)[];

export interface Reload {
  settings: Settings;
  /** Hex SHA-256 of the file; null when there is none. */
  digest: string | null;
  /** Sections that changed and hold only after a restart, by their names in the file. */
  needRestart: string[];
}

/** The settings as they are now: read anew when somebody asks, as a whole or not at all. */
export class LiveSettings {
  readonly #file: string;
  readonly #atStart: Settings;
  #current: Settings;
  #hadFile: boolean;
  readonly #listeners: ((settings: Settings) => void)[] = [];

  constructor(settings: Settings, file: string) {
    this.#file = file;
    this.#atStart = settings;
    this.#current = settings;
    this.#hadFile = existsSync(file);
  }

  get current(): Settings {
    return this.#current;
  }

  /** Called after a reload. A listener that throws has the reload refused: what it refuses must not hold. */
  onReload(listener: (settings: Settings) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Reads the file again. Throws VALIDATION_FAILED, with a line for each problem, for one that is wrong or gone; then what
   * held before holds on.
   */
  reload(): Reload {
    const text = readIfPresent(this.#file);
    // Editors replace files: what is missing for a moment must not be taken for rules that nobody wants any more.
    if (text === null && this.#hadFile) throw new AppError('VALIDATION_FAILED', `${this.#file}: the file is gone`);
    const read = readSettings(text ?? '', this.#file);
    const before = this.#current;
    this.#current = { ...this.#atStart, ...Object.fromEntries(FOLLOWED.map((section) => [section, read[section]])) };
    try {
      for (const listener of this.#listeners) listener(this.#current);
    } catch (error) {
      this.#current = before;
      for (const listener of this.#listeners) listener(before);
      throw error;
    }
    this.#hadFile = text !== null;
    const needRestart = (Object.keys(read) as (keyof Settings)[]).filter(
      (section) => JSON.stringify(read[section]) !== JSON.stringify(this.#current[section]),
    );
    return { settings: this.#current, digest: text === null ? null : hash('sha256', text, 'hex'), needRestart };
  }
}
