import { el } from '../../../editor/dom';
import { button } from './controls';

/** A button, and the panel of controls that it opens below the toolbar. Controls are reached with Tab, Escape closes. */
export class Menu {
  readonly button: HTMLButtonElement;
  readonly panel: HTMLElement;

  constructor(label: string, ...parts: HTMLElement[]) {
    this.button = button({ icon: 'ellipsis-v', label, class: 'dxs-menu-button' }, () =>
      this.open(this.panel.hidden !== false),
    );
    this.panel = el(
      'div',
      'dxs-menu',
      { role: 'group', id: 'dinox-sidebar-menu', 'aria-label': label },
      ...parts,
    );
    this.panel.hidden = true;
    this.button.setAttribute('aria-controls', this.panel.id);
    this.button.setAttribute('aria-expanded', 'false');
    for (const element of [this.panel, this.button])
      element.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape' || this.panel.hidden) return;
        event.stopPropagation();
        this.open(false);
        this.button.focus();
      });
    document.addEventListener('pointerdown', ({ target }) => {
      const isInside =
        target instanceof Node && [this.panel, this.button].some((one) => one.contains(target));
      if (!isInside) this.open(false);
    });
    this.panel.addEventListener('focusout', ({ relatedTarget }) => {
      if (
        relatedTarget instanceof Node &&
        !this.panel.contains(relatedTarget) &&
        relatedTarget !== this.button
      )
        this.open(false);
    });
  }

  open(on: boolean): void {
    if (this.panel.hidden === !on) return;
    const room = this.panel.closest('.dinox-sidebar')?.clientHeight ?? 0;
    this.panel.style.maxHeight = `${Math.max(120, room - 44)}px`;
    this.panel.hidden = !on;
    this.button.setAttribute('aria-expanded', String(on));
    if (on) this.panel.querySelector<HTMLElement>('button:not([hidden]), select')?.focus();
  }
}

/** A line of a menu: an icon with its words. */
export function menuItem(icon: string, text: string, press: () => void, style = ''): HTMLButtonElement {
  return button({ icon: `${icon} fa-fw`, text, class: `dxs-menu-item ${style}` }, press);
}

/** A line of a menu with a list to choose from, named before it. */
export function menuChoice(label: string, list: HTMLElement): HTMLElement {
  return el('label', 'dxs-menu-choice', {}, el('span', '', {}, label), list);
}
