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
