/** What became of a notification, in words. */
export const DELIVERIES = {
  PENDING: { tone: 'info', word: 'To be sent' },
  FAILED: { tone: 'warning', word: 'Tried again' },
  SENT: { tone: 'ok', word: 'Sent' },
  DEAD: { tone: 'critical', word: 'Given up' },
} as const;
