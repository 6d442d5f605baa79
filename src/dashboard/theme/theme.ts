import { signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'midwatch-theme';

function readTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** As the reader chose; `system` follows the machine. */
export const theme = signal<Theme>(readTheme());
/** Whether what is seen now is dark: for what is drawn on a canvas. */
export const isDark = signal(false);

const machine = window.matchMedia('(prefers-color-scheme: dark)');

export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  if (chosen === 'system') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, chosen);
  applyTheme();
}

export function applyTheme(): void {
  const { dataset } = document.documentElement;
  if (theme.value === 'system') delete dataset.theme;
  else dataset.theme = theme.value;
  isDark.value = theme.value === 'system' ? machine.matches : theme.value === 'dark';
}

machine.addEventListener('change', applyTheme);
