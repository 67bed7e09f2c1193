/// <reference path="./red.d.ts" />

import type { Text } from '../base/text';
import { el, icon } from './dom';
import './card-list.css';
import { readText } from './texts';

/** An entry as the flow file keeps it. */
export type RawCard = Record<string, string>;

/** A list of a flow file that a dialog shows as cards: a group of fields for each entry. */
export interface CardOptions {
  fields: readonly string[];
  /** Values of the fields that are chosen. */
  choices: Readonly<Record<string, readonly string[]>>;
  defaults: Readonly<Record<string, string>>;
  /** The key of a card's title. */
  title: string;
  /** What is wrong with a list; `number`: position of the card, from 1. */
  problems(cards: readonly RawCard[]): readonly { number: number; field: string; text: Text }[];
  /** Fields that say nothing, as others stand. */
  isHidden?(card: RawCard, field: string): boolean;
  /** Makes a field one to choose in; the result draws it again. */
  enhance?(inputs: ReadonlyMap<string, HTMLInputElement | HTMLSelectElement>): (() => void) | undefined;
}

interface Card {
  element: HTMLElement;
  inputs: Map<string, HTMLInputElement | HTMLSelectElement>;
  redraw: (() => void) | undefined;
}

/** The cards of the open dialog, with what is wrong below each. */
export class CardList {
  private cards: Card[] = [];
  private made = 0;

  constructor(
    private readonly place: HTMLElement,
    private readonly translate: (key: string, values?: Record<string, string | number>) => string,
    cards: readonly RawCard[],
    private readonly options: CardOptions,
  ) {
    for (const card of cards) this.add(card, false);
    if (cards.length === 0) this.add({}, false);
    this.update();
  }

  /** Adds a card; `focus`: for somebody who is about to fill it in. */
  add(given: RawCard = {}, focus = true): void {
    // It takes the place of the one that nobody has filled in yet.
    const [only] = this.cards;
    if (this.cards.length === 1 && only && Object.keys(given).length > 0 && this.isEmpty(only)) {
      only.element.remove();
      this.cards = [];
    }
    const { translate, options } = this;
    const { fields, defaults } = options;
    const inputs = new Map<string, HTMLInputElement | HTMLSelectElement>();
    const number = ++this.made;
    const rows = fields.map((field) => {
      const id = `dinox-rule-${number}-${field}`;
      const value = given[field] ?? defaults[field] ?? '';
      const input = this.input(field, id, value);
      inputs.set(field, input);
      return el(
        'div',
        'form-row',
        { 'data-field': field },
        el('label', '', { for: id }, translate(`label.${field}`)),
        input,
      );
    });
    const remove = el(
      'button',
      'red-ui-button red-ui-button-small',
      { type: 'button', 'aria-label': translate('label.delete'), title: translate('label.delete') },
      icon('trash-o'),
    );
    const fault = el('div', 'dinox-rule-fault', { role: 'status' });
    const head = el('div', 'dinox-rule-head', {}, el('strong'), remove);
    const element = el('div', 'dinox-rule', { role: 'listitem' }, head, ...rows, fault);
    const card: Card = { element, inputs, redraw: undefined };
    remove.addEventListener('click', () => {
      this.cards = this.cards.filter((one) => one !== card);
      element.remove();
      this.update();
      $(this.place).trigger('change');
    });
    this.cards.push(card);
    this.place.append(element);
    card.redraw = options.enhance?.(inputs);
    this.update();
    if (focus) inputs.get(fields[0] ?? '')?.focus();
  }

  /** The entries as they are saved; one that nobody has filled in is left out. */
  get entries(): RawCard[] {
    return this.cards
      .map(({ inputs }) =>
        Object.fromEntries([...inputs].map(([field, input]) => [field, input.value.trim()])),
      )
      .filter((card) =>
        Object.entries(card).some(([field, value]) => value !== this.options.defaults[field]),
      );
  }

  /** Shows news in fields to choose in. */
  redraw(): void {
    for (const { redraw } of this.cards) redraw?.();
  }

  /** Shows what matters for each card, and what is wrong with it. */
  update(): void {
    const all = this.cards.map(({ inputs }) =>
      Object.fromEntries([...inputs].map(([field, input]) => [field, input.value])),
    );
    const { title: titleKey, isHidden } = this.options;
    const problems = this.options.problems(all);
    for (const [index, { element, inputs }] of this.cards.entries()) {
      for (const row of element.querySelectorAll<HTMLElement>('[data-field]'))
        row.hidden = isHidden?.(all[index] ?? {}, row.dataset.field ?? '') ?? false;
      const title = element.querySelector('strong');
      if (title) title.textContent = this.translate(titleKey, { number: index + 1 });
      const mine = this.isEmpty({ inputs }) ? [] : problems.filter(({ number }) => number === index + 1);
      const said = mine.map(({ field, text }) => `${this.translate(`label.${field}`)}: ${readText(text)}`);
      const fault = element.querySelector('.dinox-rule-fault');
      if (fault && fault.textContent !== said.join(' ')) fault.textContent = said.join(' ');
      for (const [field, input] of inputs) {
        const isFaulty = mine.some((one) => one.field === field);
        input.classList.toggle('input-error', isFaulty);
        if (isFaulty) input.setAttribute('aria-invalid', 'true');
        else input.removeAttribute('aria-invalid');
      }
    }
  }

  private isEmpty({ inputs }: Pick<Card, 'inputs'>): boolean {
    return [...inputs].every(([field, input]) => input.value.trim() === this.options.defaults[field]);
  }

  private input(field: string, id: string, value: string): HTMLInputElement | HTMLSelectElement {
    const choices = this.options.choices[field];
    if (!choices) {
      const placeholder = this.translate(`placeholder.${field}`);
      const input = el('input', '', {
        id,
        type: 'text',
        placeholder,
        autocomplete: 'off',
        spellcheck: 'false',
      });
      input.value = value;
      return input;
    }
    const select = el('select', '', { id });
    for (const choice of choices)
      select.append(el('option', '', { value: choice }, this.translate(`option.${field}.${choice}`)));
    select.value = value;
    return select;
  }
}
