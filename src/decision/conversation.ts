/** What one agent was asked in one conversation. */
export interface Conversation {
  agent: string;
  conversationId: string;
}

/** Under what name detectors keep what they remember of a conversation. */
export function memorySubjectOf({ agent, conversationId }: Conversation): string {
  return JSON.stringify([agent, conversationId]);
}
