/** Parts of the steps. */
import { breakable, el, icon, setText } from '../../../../editor/dom';
import { button } from '../controls';

/** A field with its label above. */
export function labelledField(
  label: string,
  attributes: Readonly<Record<string, string>>,
  help?: string,
): { row: HTMLElement; input: HTMLInputElement } {
  const id = `dinox-guide-${attributes.name ?? label}`;
  const input = el('input', 'dxs-input', {
    type: 'text',
    spellcheck: 'false',
    autocapitalize: 'off',
    ...attributes,
    id,
    ...(help ? { 'aria-describedby': `${id}-help` } : {}),
  });
  // Node-RED's shortcuts must not react to typing here.
  input.addEventListener('keydown', (event) => event.key !== 'Escape' && event.stopPropagation());
  const row = el(
    'div',
    'dxg-field',
    {},
    el('label', '', { for: id }, label),
    input,
    help ? el('span', 'dxs-note', { id: `${id}-help` }, help) : undefined,
  );
  return { row, input };
}

export function primary(text: string, symbol: string, press: () => void): HTMLButtonElement {
  return button({ icon: symbol, text, class: 'dxs-primary dxg-next' }, press);
}

/** A line that tells what happens, also to screen readers. */
export class StatusLine {
  readonly element = el('div', 'dxg-told', { role: 'status' });
  private readonly line = el('p');
  private readonly todo = el('p', 'dxg-todo');
  private readonly story = el('details', 'dxs-more');
  private readonly text = el('pre', 'dxg-story', { tabindex: '0' });

  constructor(details: string) {
    this.story.append(el('summary', '', {}, details), this.text);
    this.element.append(this.line, this.todo, this.story);
    this.clear();
  }

  clear(): void {
    this.show('');
  }

  /** @param isToDo what is to be done stands in the story */
  show(text: string, fault = false, todo = '', story = '', isToDo = false): void {
    const isNew = this.element.hidden || fault;
    this.element.hidden = text === '';
    this.element.dataset.fault = String(fault);
    setText(this.line, text);
    setText(this.todo, todo);
    setText(this.text, story);
    this.todo.hidden = todo === '';
    this.story.hidden = story === '';
    if (isToDo) this.story.open = true;
    // Node-RED 5 gives the sidebar 300 pixels: who pressed sees what came of it.
    if (isNew && text !== '') this.element.scrollIntoView({ block: 'nearest' });
  }
}

/** Lets arrow keys go from button to button; Tab leaves the list. */
export function arrows(list: HTMLElement): void {
  list.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const all = [...list.querySelectorAll('button')];
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    all[Math.min(all.length - 1, Math.max(0, at + step))]?.focus();
  });
}

/** Puts the children in this order without touching those in place, so that the focus stays. */
export function keepInOrder(list: HTMLElement, wanted: readonly HTMLElement[]): void {
  const keep = new Set<Node>(wanted);
  for (const child of [...list.children]) if (!keep.has(child)) child.remove();
  let at: Element | null = list.firstElementChild;
  for (const child of wanted) {
    if (child === at) at = at.nextElementSibling;
    else list.insertBefore(child, at);
  }
}

/** One choice of a list: a name, something beside it, something below. */
export class ChoiceButton {
  readonly element: HTMLButtonElement;
  private readonly name = el('span', 'dxg-name');
  private readonly beside = el('span', 'dxg-beside');
  private readonly below = el('span', 'dxg-below');

  constructor(symbol: string, press: () => void) {
    this.element = el(
      'button',
      'dxg-choice',
      { type: 'button' },
      icon(symbol),
      el('span', 'dxg-words', {}, this.name, this.below),
      this.beside,
    );
    this.element.addEventListener('click', press);
  }

  show(name: string, beside: string, below = ''): this {
    if (this.name.textContent !== name) this.name.replaceChildren(...breakable(name));
    setText(this.beside, beside);
    setText(this.below, below);
    this.below.hidden = below === '';
    return this;
  }
}
