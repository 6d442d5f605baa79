/** What a check of one ledger entry came to. */
export interface Check {
  claim: string;
  isTrue: boolean;
  detail: string;
}

export interface SealedEntry {
  hash: string;
  previousHash: string;
  canonical: string;
  seq: number;
}

/** Whether this browser can hash: only pages that came safely may. */
export function canHash(): boolean {
  return window.isSecureContext && crypto.subtle !== undefined;
}

/** The RFC 6962 leaf hash of an entry’s text: SHA-256 of a zero byte and its UTF-8, in hex. */
export async function leafHash(canonical: string): Promise<string> {
  const text = new TextEncoder().encode(canonical);
  const bytes = new Uint8Array(text.length + 1);
  bytes.set(text, 1);
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Holds what is on the screen to what was sealed: the hash, the subject, each step’s commitment, the link to the entry before. */
export async function checkSeal(
  entry: SealedEntry,
  shown: { id: string; digests: readonly string[]; hashBefore: string | null },
): Promise<Check[]> {
  const computed = await leafHash(entry.canonical);
  const sealed = readSealed(entry.canonical);
  const missing = shown.digests.filter((digest) => !entry.canonical.includes(`"${digest}"`));
  const checks: Check[] = [
    {
      claim: 'The hash is that of the sealed text',
      isTrue: computed === entry.hash,
      detail: computed === entry.hash ? computed : `computed ${computed}, the ledger says ${entry.hash}`,
    },
    {
      claim: 'The text is about this decision, at this place',
      isTrue: sealed.subject === shown.id && sealed.seq === entry.seq,
      detail: `subject ${sealed.subject}, seq ${sealed.seq}`,
    },
    {
      claim: 'It commits to every step shown here',
      isTrue: missing.length === 0,
      detail: missing.length === 0 ? `${shown.digests.length} commitments` : `not among them: ${missing.join(', ')}`,
    },
  ];
  if (shown.hashBefore === null) return checks;
  return [
    ...checks,
    {
      claim: 'It continues the entry before it',
      isTrue: sealed.previousHash === shown.hashBefore,
      detail: shown.hashBefore,
    },
  ];
}

function readSealed(canonical: string): { subject: unknown; seq: unknown; previousHash: unknown } {
  try {
    const { subject, seq, previousHash } = JSON.parse(canonical);
    return { subject, seq, previousHash };
  } catch {
    // Then it says nothing of any of them, and each claim is refuted.
    return { subject: undefined, seq: undefined, previousHash: undefined };
  }
}
