import { byId } from './element.ts';

const themes = ['system', 'light', 'dark'];
const storageKey = 'tacho-theme';

/**
 * Wires the choice of a theme. It is kept in the browser where that is allowed, which it is not in every private window.
 * @param onChange also told when the system's own theme changes
 */
export function wireThemeSwitch(onChange: () => void): void {
  const select = byId<HTMLSelectElement>('theme');
  const apply = (theme: string) => {
    document.documentElement.dataset['theme'] = theme;
    onChange();
  };
  const stored = readStored();
  if (themes.includes(stored)) select.value = stored;
  apply(select.value);
  select.addEventListener('change', () => {
    apply(select.value);
    try {
      localStorage.setItem(storageKey, select.value);
    } catch {
      // Only this visit's choice, then.
    }
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
}

function readStored(): string {
  try {
    return localStorage.getItem(storageKey) ?? '';
  } catch {
    return '';
  }
}
