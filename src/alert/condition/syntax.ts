import { quote } from '../../settings/problem.js';
import { suggest } from '../../settings/reader.js';
import type { Literal } from './literal.js';
import { Mistake } from './mistake.js';
import { type Token, tokenize, type WordToken } from './token.js';

export const COMPARISONS = ['>', '>=', '<', '<=', '==', '!='] as const;
export type Comparison = (typeof COMPARISONS)[number];
export type Calculation = '+' | '-' | '*' | '/';
type BinaryOperator = 'and' | 'or' | Comparison | Calculation;

interface Place {
  /** Where it begins and ends in the text, in UTF-16 units. */
  readonly offset: number;
  readonly end: number;
}
/** What is written, before it is known what it means. */
export type Syntax =
  | (Place & { readonly kind: 'number'; readonly literal: Literal })
  | (Place & { readonly kind: 'figure'; readonly name: string; readonly matchers: readonly MatcherSyntax[] })
  | (Place & { readonly kind: 'not'; readonly operand: Syntax })
  | (Place & {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Syntax;
      readonly right: Syntax;
    });
export type FigureSyntax = Extract<Syntax, { kind: 'figure' }>;

export interface MatcherSyntax {
  readonly label: WordToken;
  readonly operator: '=' | '!=';
  readonly value: WordToken;
}

export interface ConditionSyntax {
  readonly root: Syntax;
  /** The words after `by`; null where there is no `by`. */
  readonly by: readonly WordToken[] | null;
}

/** `decision_latency_p95 > 2s`: completes "is not", "write" … */
export const CONDITION_FORM = `METRIC OPERATOR VALUE, such as decision_latency_p95 > 2s, with one of the operators ${COMPARISONS.join(', ')}`;
const LENGTH_MAX = 1_000;
const DEPTH_MAX = 30;
const KEYWORDS = ['and', 'or', 'not', 'by'];

/** Reads the text of a condition; throws a Mistake where it is none. */
export function parseSyntax(text: string): ConditionSyntax {
  const parser = new SyntaxParser(text);
  return parser.condition();
}

/** Reads a figure alone: `cost_sum{agent="fraud-*"}`. Throws a Mistake. */
export function parseFigureSyntax(text: string): FigureSyntax {
  return new SyntaxParser(text).onlyFigure();
}

/** Recursive descent: or, and, not, comparison, sum, product, operand; parentheses stand anywhere. */
class SyntaxParser {
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;

  constructor(text: string) {
    if (text.length > LENGTH_MAX) {
      throw new Mistake(LENGTH_MAX, `the condition is longer than ${LENGTH_MAX} characters: make two rules of it`);
    }
    this.#tokens = tokenize(text);
  }

  condition(): ConditionSyntax {
    const root = this.#or();
    const by = this.#takeWord('by') === null ? null : this.#names();
    const next = this.#peek();
    if (next.kind !== 'end') throw this.#unexpected(next, root, by !== null);
    return { root, by };
  }

  onlyFigure(): FigureSyntax {
    const figure = this.#operand();
    const next = this.#peek();
    if (figure.kind === 'figure' && next.kind === 'end') return figure;
    throw new Mistake(figure.kind === 'figure' ? next.offset : 0, 'one figure must stand here, such as error_rate');
  }

  #or(): Syntax {
    return this.#binary(
      () => this.#and(),
      () => this.#takeWord('or') && 'or',
    );
  }

  #and(): Syntax {
    return this.#binary(
      () => this.#not(),
      () => this.#takeWord('and') && 'and',
    );
  }

  #not(): Syntax {
    const word = this.#takeWord('not');
    if (word === null) return this.#comparison();
    const operand = this.#nested(word, () => this.#not());
    return { kind: 'not', operand, offset: word.offset, end: operand.end };
  }

  #comparison(): Syntax {
    const left = this.#sum();
    const operator = this.#takeSign(COMPARISONS);
    if (operator === null) return left;
    const right = this.#sum();
    const next = this.#peek();
    if (next.kind === 'sign' && (COMPARISONS as readonly string[]).includes(next.text)) {
      throw new Mistake(next.offset, 'one comparison has two sides: write two, with and between them');
    }
    return { kind: 'binary', operator, left, right, offset: left.offset, end: right.end };
  }

  #sum(): Syntax {
    return this.#binary(
      () => this.#product(),
      () => this.#takeSign(['+', '-']),
    );
  }

  #product(): Syntax {
    return this.#binary(
      () => this.#operand(),
      () => this.#takeSign(['*', '/']),
    );
  }

  #binary(operand: () => Syntax, takeOperator: () => BinaryOperator | null): Syntax {
    let left = operand();
    for (let operator = takeOperator(); operator !== null; operator = takeOperator()) {
      const right = operand();
      left = { kind: 'binary', operator, left, right, offset: left.offset, end: right.end };
    }
    return left;
  }

  #operand(): Syntax {
    const token = this.#next();
    if (token.kind === 'number') return token;
    if (token.kind === 'name' && !KEYWORDS.includes(token.text)) return this.#figure(token);
    if (token.kind === 'sign' && token.text === '(') {
      const inner = this.#nested(token, () => this.#or());
      this.#expect(')', 'to close the parenthesis');
      return inner;
    }
    const form = 'a metric, a value or ( must stand here';
    throw new Mistake(
      token.offset,
      token.kind === 'end'
        ? `the condition ends too early: ${form}; write ${CONDITION_FORM}`
        : `${form}, not ${describe(token)}`,
    );
  }

  #figure({ text, offset, end }: WordToken): FigureSyntax {
    if (this.#takeSign(['{']) === null) return { kind: 'figure', name: text, matchers: [], offset, end };
    const matchers: MatcherSyntax[] = [];
    let closing = this.#takeToken('}');
    while (closing === null) {
      matchers.push(this.#matcher());
      closing = this.#takeSign([',']) === null ? this.#expect('}', 'or , and another label') : this.#takeToken('}');
    }
    return { kind: 'figure', name: text, matchers, offset, end: closing.end };
  }

  #matcher(): MatcherSyntax {
    const label = this.#next();
    if (label.kind !== 'name') {
      throw new Mistake(label.offset, `a label must stand here, such as agent="fraud-*", not ${describe(label)}`);
    }
    const sign = this.#next();
    if (sign.kind !== 'sign' || (sign.text !== '=' && sign.text !== '!=')) {
      throw new Mistake(sign.offset, `a label is followed by = or !=, not ${describe(sign)}`);
    }
    const value = this.#next();
    if (value.kind !== 'text') {
      throw new Mistake(
        value.offset,
        `a value in quotation marks must stand here, such as "fraud-*", not ${describe(value)}`,
      );
    }
    return { label, operator: sign.text, value };
  }

  #names(): WordToken[] {
    const names: WordToken[] = [];
    do {
      const name = this.#next();
      if (name.kind !== 'name') {
        throw new Mistake(name.offset, `a label must stand here, such as agent or model, not ${describe(name)}`);
      }
      names.push(name);
    } while (this.#takeSign([',']) !== null);
    return names;
  }

  #nested(token: Token, read: () => Syntax): Syntax {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new Mistake(token.offset, `this is nested more than ${DEPTH_MAX} deep`);
    const syntax = read();
    this.#depth -= 1;
    return syntax;
  }

  #peek(): Token {
    // The last token is the end, and whatever takes that throws.
    return this.#tokens[this.#position] ?? END;
  }

  #next(): Token {
    const token = this.#peek();
    this.#position += 1;
    return token;
  }

  #takeWord(word: string): Token | null {
    const token = this.#peek();
    return token.kind === 'name' && token.text === word ? this.#next() : null;
  }

  #takeToken(sign: string): Token | null {
    const token = this.#peek();
    return token.kind === 'sign' && token.text === sign ? this.#next() : null;
  }

  #takeSign<T extends string>(signs: readonly T[]): T | null {
    const token = this.#peek();
    if (token.kind !== 'sign') return null;
    const { text } = token;
    const sign = signs.find((each) => each === text);
    if (sign === undefined) return null;
    this.#position += 1;
    return sign;
  }

  #expect(sign: string, purpose: string): Token {
    const token = this.#peek();
    const taken = this.#takeToken(sign);
    if (taken !== null) return taken;
    throw new Mistake(token.offset, `${sign} must stand here, ${purpose}, not ${describe(token)}`);
  }

  #unexpected(token: Token, root: Syntax, isAfterBy: boolean): Mistake {
    if (isAfterBy) return new Mistake(token.offset, `a comma or the end must follow here, not ${describe(token)}`);
    if (token.kind === 'sign' && token.text === '=') {
      return new Mistake(token.offset, `"=" does not compare: write ${CONDITION_FORM}`);
    }
    if (token.kind === 'name' && BESIDE.has(token.text)) {
      return new Mistake(token.offset, `${describe(token)} is a key of the rule: write it beside the condition`);
    }
    const hint = token.kind === 'name' ? suggest(token.text, ['and', 'or', 'by']) : '';
    if (hint !== '') return new Mistake(token.offset, `${describe(token)} is not known here${hint}`);
    const isFigure = root.kind === 'figure' || root.kind === 'number';
    return new Mistake(
      token.offset,
      isFigure
        ? `a condition is ${CONDITION_FORM}: ${describe(token)} is none of them`
        : `and, or, by or the end must follow here, not ${describe(token)}`,
    );
  }
}

/** What other languages of alerts have within the condition, and rules here as keys. */
const BESIDE: ReadonlySet<string> = new Set(['for', 'window', 'keep_firing_for', 'severity', 'labels', 'message']);

const END: WordToken = { kind: 'end', text: '', offset: 0, end: 0 };

function describe(token: Token): string {
  if (token.kind === 'number') return quote(token.literal.text);
  return token.kind === 'end' ? 'the end' : quote(token.text);
}
