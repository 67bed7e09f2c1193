import { el, icon } from '../../../editor/dom';

/** A button with an icon, a word, or both; `label` names it where there is no word. */
export function button(
  options: { icon?: string; text?: string; label?: string; class?: string; title?: string },
  press: (event: MouseEvent) => void,
): HTMLButtonElement {
  const element = el(
    'button',
    `dxs-button ${options.class ?? ''}`,
    { type: 'button', 'aria-label': options.label, title: options.title ?? options.label },
    options.icon ? icon(options.icon) : undefined,
    options.text ? el('span', '', {}, options.text) : undefined,
  );
  element.addEventListener('click', press);
  return element;
}

/** A list to choose from. */
export function select<T extends string>(
  label: string,
  choices: readonly (readonly [T, string])[],
  chosen: T,
  changed: (value: T) => void,
): HTMLSelectElement {
  const element = el('select', 'dxs-select', { 'aria-label': label, title: label });
  for (const [value, text] of choices) element.append(el('option', '', { value }, text));
  element.value = chosen;
  element.addEventListener('change', () => changed(element.value as T));
  return element;
}

/** A field to search with, and the box with its icon. */
export function searchField(
  words: { label: string; short: string; help: string },
  typed: () => void,
  down: () => void,
): { box: HTMLElement; input: HTMLInputElement } {
  const input = el('input', 'dxs-search', {
    type: 'search',
    placeholder: words.short,
    'aria-label': words.label,
    title: words.help,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  input.addEventListener('input', typed);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown') return;
    event.preventDefault();
    down();
  });
  return { box: el('span', 'dxs-search-box', {}, icon('search'), input), input };
}
