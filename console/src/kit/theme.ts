export type Theme = 'system' | 'light' | 'dark';

const keptAs = 'ambit-theme';
const isTheme = (text: string | null): text is Theme => text === 'system' || text === 'light' || text === 'dark';

export function readTheme(): Theme {
  const kept = localStorage.getItem(keptAs);
  return isTheme(kept) ? kept : 'system';
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(keptAs, theme);
  applyTheme();
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = readTheme();
}
