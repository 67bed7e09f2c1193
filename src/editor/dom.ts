/// <reference lib="dom" />
/** Makes elements. Texts from outside only ever become text nodes or attributes that hold text. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element with a class, attributes, and children; a child that is a string becomes text. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  attributes: Attributes = {},
  ...children: (Node | string | undefined)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== undefined) element.append(child);
  return element;
}

/** A path that a line may break behind each slash, and not within its words. */
export function breakable(path: string): (Node | string)[] {
  return path.split(/(?<=\/)/).flatMap((level, i) => (i > 0 ? [el('wbr'), level] : [level]));
}

/** An icon of Font Awesome, which Node-RED brings; assistive technology reads the label beside it. */
export function icon(name: string): HTMLElement {
  return el('i', `fa fa-${name}`, { 'aria-hidden': 'true' });
}

/** Writes a text only if it is new, so that nothing flickers and no selection is lost. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function toggle(element: Element, className: string, on: boolean): void {
  if (element.classList.contains(className) !== on) element.classList.toggle(className, on);
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

/** Lets the browser save a file. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = el('a', '', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
