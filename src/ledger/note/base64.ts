/** The bytes of standard base64 (RFC 4648 section 4), padded; null for what is not, or is not the one way to write it. */
export function parseBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}
