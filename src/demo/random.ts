import assert from 'node:assert';

/** A small seeded generator: the same seed gives the same fleet traffic on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number, both ends included. */
  integer(min: number, max: number): number;
  chance(probability: number): boolean;
  /** `choices` must not be empty. */
  pick<T>(choices: readonly T[]): T;
  /** Log-normal: half of the values lie below `median`; `sigma` is the standard deviation of the logarithm. */
  lognormal(median: number, sigma: number): number;
  /** Exponential with the given mean: the gaps of a Poisson process. */
  exponential(mean: number): number;
  /** Lower-case hex digits. */
  hex(length: number): string;
  /** An independent generator that depends on the seed and the label alone. */
  fork(label: string): Random;
}

const TWO_TO_32 = 4_294_967_296;

export function createRandom(seed: number): Random {
  return fromState(spread(`${seed}`));
}

function fromState(state: Uint32Array): Random {
  const origin = Array.from(state).join();
  const next = (): number => nextWord(state) / TWO_TO_32;
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (choices) => {
      const choice = choices[integer(0, choices.length - 1)];
      assert(choice !== undefined, 'there is something to choose from');
      return choice;
    },
    lognormal: (median, sigma) => median * Math.exp(sigma * normal(next)),
    exponential: (mean) => -mean * Math.log(1 - next()),
    hex: (length) => {
      let digits = '';
      while (digits.length < length) digits += integer(0, 15).toString(16);
      return digits;
    },
    fork: (label) => fromState(spread(`${origin} ${label}`)),
  };
}

/** sfc32, Chris Doty-Humphrey's small fast counting generator (PractRand). */
function nextWord(state: Uint32Array): number {
  // Read by index: taking a typed array apart by its iterator takes several times as long as all the rest.
  const a = state[0] ?? 0;
  const b = state[1] ?? 0;
  const c = state[2] ?? 0;
  const counter = state[3] ?? 0;
  const word = (a + b + counter) >>> 0;
  state[0] = b ^ (b >>> 9);
  state[1] = c + (c << 3);
  state[2] = ((c << 21) | (c >>> 11)) + word;
  state[3] = counter + 1;
  return word;
}

/** Box and Muller's transform. */
function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** FNV-1a over the text, once per word of the state; the first words are thrown away, as sfc32 asks. */
function spread(text: string): Uint32Array {
  const state = new Uint32Array(4);
  for (let word = 0; word < 3; word += 1) {
    let hash = (0x811c9dc5 ^ word) >>> 0;
    for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    state[word] = hash;
  }
  state[3] = 1;
  for (let round = 0; round < 15; round += 1) nextWord(state);
  return state;
}
