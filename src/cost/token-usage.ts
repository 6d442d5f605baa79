/** `input` includes cache reads and writes, `output` includes reasoning; total = input + output. Unknown counts are 0. */
export interface TokenUsage {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  reasoning: number;
}
