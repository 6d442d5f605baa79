import type { Refusal } from '../data/use-act.js';
import './refusal.css';

/** Why something was not done; nothing while it was not refused. */
export function RefusalNotice({ refusal }: { refusal: Refusal | null }) {
  if (refusal === null) return null;
  return (
    <p class="refusal" role="alert">
      {refusal.message.charAt(0).toUpperCase() + refusal.message.slice(1)}
    </p>
  );
}
