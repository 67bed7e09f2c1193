/** Making elements. Texts from outside only ever become text nodes or attributes that hold text. */
import { type Attributes, el, icon } from '../../../editor/dom';

export { el, icon, setText } from '../../../editor/dom';

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

export function setAttribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function toggle(element: Element, className: string, on: boolean): void {
  if (element.classList.contains(className) !== on) element.classList.toggle(className, on);
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

const SVG = 'http://www.w3.org/2000/svg';

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Node[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** Gives a file to the person who looks. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = el('a', '', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
