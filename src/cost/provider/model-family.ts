/**
 * Names of one model as a provider bills it, as an agent asks for it and as the answer names it: `gpt-4.1`,
 * `gpt-4.1-2025-04-14`, `openai/gpt-4.1`; `claude-sonnet-4@20250514`, `us.anthropic.claude-sonnet-4-20250514-v1:0`.
 */

/** A publisher before a slash, and Bedrock's region and publisher before dots. */
const PUBLISHER = /^(?:.*\/)?(?:(?:[a-z]{2,6}\.)?(?:anthropic|meta|mistral|amazon|cohere|deepseek|openai)\.)?/;
/** Bedrock's revision, `-v1:0`. */
const REVISION = /-v\d+:\d+$/;
/** A day with its year, OpenAI's month and day (`gpt-4-0613`), or an alias of the newest. */
const RELEASE = /[-@](?:\d{4}-\d{2}-\d{2}|20\d{6}|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|latest)$/;

/** The name without publisher and release, in small letters; fine-tuned models (`ft:…`) keep theirs. */
export function modelFamily(model: string): string {
  const name = model.trim().toLowerCase();
  return name.startsWith('ft:') ? name : name.replace(PUBLISHER, '').replace(REVISION, '').replace(RELEASE, '');
}
