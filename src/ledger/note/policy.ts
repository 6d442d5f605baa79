import { parseVerifierKey, type VerifierKey } from './key.js';

/** Whom one believes: C2SP tlog-policy. */
export interface Policy {
  logs: readonly VerifierKey[];
  witnesses: readonly PolicyWitness[];
  /** Which witnesses must have cosigned; null when none must. */
  quorum: Quorum | null;
}

export interface PolicyWitness {
  name: string;
  key: VerifierKey;
  /** Where it takes checkpoints; null when the policy does not say. */
  url: string | null;
}

/** A witness, or at least `threshold` of the members. */
export type Quorum = { witness: string } | { threshold: number; members: readonly Quorum[] };

/** Whether the witnesses of these names are enough. */
export function isQuorum(quorum: Quorum | null, cosigned: ReadonlySet<string>): boolean {
  if (quorum === null) return true;
  if ('witness' in quorum) return cosigned.has(quorum.witness);
  return quorum.members.filter((member) => isQuorum(member, cosigned)).length >= quorum.threshold;
}

/** A text that is no policy: what is wrong with it. */
export class PolicyFault extends Error {
  /** `line` is from 1; null where a line is missing. */
  constructor(line: number | null, problem: string) {
    super(line === null ? problem : `line ${line}: ${problem}`);
    this.name = 'PolicyFault';
  }
}

/** Reads a policy file. Throws PolicyFault, which names the line. */
export function parsePolicy(text: string): Policy {
  const reader = new PolicyReader();
  for (const [at, line] of text.split('\n').entries()) {
    if (line.endsWith('\r'))
      throw new PolicyFault(at + 1, 'it ends in a carriage return, and lines end in newlines alone');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the format forbids
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) throw new PolicyFault(at + 1, 'it has control characters');
    const items = line.split(/[ \t]+/).filter((item) => item !== '');
    if (items.length > 0 && !items[0]?.startsWith('#')) reader.take(items, at + 1);
  }
  return reader.end();
}

class PolicyReader {
  readonly #logs: VerifierKey[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #named = new Map<string, Quorum>();
  readonly #members = new Set<string>();
  #quorum: Quorum | null | undefined;

  take(items: readonly string[], line: number): void {
    const fault: FaultAt = (problem) => new PolicyFault(line, problem);
    const [keyword, ...rest] = items;
    if (keyword === 'log') this.#log(rest, fault);
    else if (keyword === 'witness') this.#witness(rest, fault);
    else if (keyword === 'group') this.#group(rest, fault);
    else if (keyword === 'quorum') this.#setQuorum(rest, fault);
    else throw fault(`${keyword} is neither log, witness, group nor quorum`);
  }

  end(): Policy {
    if (this.#quorum === undefined) throw new PolicyFault(null, 'there is no quorum line');
    return { logs: this.#logs, witnesses: this.#witnesses, quorum: this.#quorum };
  }

  #log([key, , ...rest]: readonly string[], fault: FaultAt): void {
    if (key === undefined || rest.length > 0) throw fault('log <vkey> [<url>]');
    this.#logs.push(readKey(key, { type: 'note', others: this.#logs, fault }));
  }

  #witness([name, key, url, ...rest]: readonly string[], fault: FaultAt): void {
    if (name === undefined || key === undefined || rest.length > 0) throw fault('witness <name> <vkey> [<url>]');
    const others = this.#witnesses.map((witness) => witness.key);
    this.#define(name, { witness: name }, fault);
    this.#witnesses.push({ name, key: readKey(key, { type: 'cosignature', others, fault }), url: url ?? null });
  }

  #group([name, rule, ...names]: readonly string[], fault: FaultAt): void {
    if (name === undefined || rule === undefined || names.length === 0) throw fault('group <name> <k|any|all> <name>…');
    const members = names.map((member) => this.#claim(member, fault));
    const threshold = rule === 'all' ? names.length : rule === 'any' ? 1 : /^[1-9]\d*$/.test(rule) ? Number(rule) : 0;
    if (threshold < 1 || threshold > names.length) throw fault(`${rule} is not any, all or 1 to ${names.length}`);
    this.#define(name, { threshold, members }, fault);
  }

  #setQuorum([name, ...rest]: readonly string[], fault: FaultAt): void {
    if (name === undefined || rest.length > 0) throw fault('quorum <name>');
    if (this.#quorum !== undefined) throw fault('there is a quorum already');
    this.#quorum = name === 'none' ? null : this.#meaning(name, fault);
  }

  #define(name: string, meaning: Quorum, fault: FaultAt): void {
    if (name === 'none' || this.#named.has(name)) throw fault(`the name ${name} is taken`);
    this.#named.set(name, meaning);
  }

  /** Each counts once, so that nobody can make up a quorum alone. */
  #claim(name: string, fault: FaultAt): Quorum {
    if (this.#members.has(name)) throw fault(`${name} is a member already`);
    this.#members.add(name);
    return this.#meaning(name, fault);
  }

  #meaning(name: string, fault: FaultAt): Quorum {
    const meaning = this.#named.get(name);
    if (meaning === undefined) throw fault(`${name} is not defined above`);
    return meaning;
  }
}

type FaultAt = (problem: string) => PolicyFault;

function readKey(
  text: string,
  { type, others, fault }: { type: VerifierKey['type']; others: readonly VerifierKey[]; fault: FaultAt },
): VerifierKey {
  const key = parseVerifierKey(text);
  if (key === null || key.type !== type) throw fault(`${text} is no key for this`);
  if (others.some(({ publicKey }) => publicKey.equals(key.publicKey))) throw fault(`${text} is listed already`);
  return key;
}
