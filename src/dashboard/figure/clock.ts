import { signal } from '@preact/signals';

/** Now, by the second, for everything that says how old something is. It stands still while nobody looks. */
export const nowMs = signal(Date.now());

setInterval(() => {
  if (!document.hidden) nowMs.value = Date.now();
}, 1_000);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) nowMs.value = Date.now();
});
