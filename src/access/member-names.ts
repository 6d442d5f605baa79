/** A string, a structural character, or a run of anything else that is not white space. */
const JSON_TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

/**
 * Whether an object in a JSON text has two members of one name, at any depth. `JSON.parse` keeps the last, others the
 * first; a credential that two readers may read differently is none (RFC 7519 section 4). The text must be valid JSON.
 */
export function hasRepeatedMember(json: string): boolean {
  const open: (Set<string> | null)[] = [];
  let text = '';
  for (const [token] of json.matchAll(JSON_TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token.startsWith('"')) text = JSON.parse(token);
    else if (token === ':') {
      const names = open.at(-1);
      if (names?.has(text)) return true;
      names?.add(text);
    }
  }
  return false;
}
