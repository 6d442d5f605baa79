/** Calls of tools that a model wrote into its answer instead of making them: nobody ran them. */

/** How models write calls when they are not made for them: JSON, tags, special tokens, and the steps of a chain of thought. */
const WRITTEN = [
  /\{\s*"type"\s*:\s*"function"\s*,\s*"(?:name|function)"\s*:/,
  /\{\s*"(?:name|tool|tool_name|function|action)"\s*:\s*"[\w.-]+"\s*,\s*"(?:parameters|arguments|args|input|tool_input|action_input)"\s*:/,
  /"(?:tool_calls|function_call)"\s*:\s*[[{]/,
  /<function(?:=|[-_]calls?>|\s+name=)[\w.-]*/,
  /<(?:tool[-_]?calls?|tool_use|invoke\s+name=|\|python_tag\||\|tool_call)/,
  /\[TOOL_CALLS\]/,
  /^Action:\s*[\w.-]+\s*\n+Action Input:/m,
];
const CALL_LENGTH_MAX = 120;
/** Answers are read so far; a call further down is not the answer. */
const LENGTH_MAX = 20_000;

export interface WrittenCall {
  text: string;
  start: number;
}

/** The first call that stands in the answer as text. Names of tools known to the agent are found as `name(` too. */
export function findWrittenCall(whole: string, toolNames: readonly string[]): WrittenCall | null {
  const answer = whole.slice(0, LENGTH_MAX);
  for (const pattern of WRITTEN) {
    const start = answer.search(pattern);
    if (start >= 0) return { text: answer.slice(start, start + CALL_LENGTH_MAX), start };
  }
  for (const name of toolNames) {
    const start = answer.indexOf(`${name}(`);
    // Code may speak of a function; a line that is nothing but the call is one.
    if (start >= 0 && /(?:^|\n)[\s`[]*$/.test(answer.slice(Math.max(0, start - 10), start))) {
      return { text: answer.slice(start, start + CALL_LENGTH_MAX), start };
    }
  }
  return null;
}

const THOUGHT = /<(thinking|think|thoughts?|function[-_]thoughts?|reasoning|scratchpad)>[\s\S]*?(?:<\/\1>|$)/gi;

/** The answer with thoughts that were left in it blanked out; places stay the same. */
export function withoutThoughts(answer: string): string {
  if (!answer.includes('<')) return answer;
  return answer.slice(0, LENGTH_MAX).replace(THOUGHT, (thought) => ' '.repeat(thought.length));
}
