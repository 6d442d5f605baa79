/** What PostgreSQL says of what is not for a login to do (PostgreSQL documentation, appendix A). */
export const INSUFFICIENT_PRIVILEGE = '42501';

/** The five characters by which PostgreSQL names what went wrong; empty for what did not come from it. */
export function sqlStateOf(error: unknown): string {
  return (error as { code?: string }).code ?? '';
}
