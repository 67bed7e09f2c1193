/// <reference path="../../../editor/red.d.ts" />
import { BRIDGE_FORMATS, DIRECTIONS, readRules } from '../../../chatbridge/rules';
import { el, icon } from '../../../editor/dom';
import { readText } from '../../../editor/texts';

/** A rule as the flow file keeps it. */
export type RawRule = Record<string, string>;

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  direction: DIRECTIONS,
  kind: ['auto', 'chat', 'groupchat'],
  format: BRIDGE_FORMATS,
};
const FIELDS = ['to', 'direction', 'filter', 'format', 'topic', 'allow', 'alias', 'rate', 'kind'] as const;
type Field = (typeof FIELDS)[number];
const DEFAULTS: Readonly<Record<Field, string>> = {
  ...{ to: '', direction: 'both', filter: '', format: 'short', topic: '', allow: '', alias: '', rate: '20' },
  kind: 'auto',
};
/** Fields that matter for one direction only. */
const INTO_CHAT: readonly Field[] = ['filter', 'format', 'alias', 'rate'];
const INTO_MQTT: readonly Field[] = ['topic', 'allow'];

interface Card {
  element: HTMLElement;
  inputs: Map<Field, HTMLInputElement | HTMLSelectElement>;
  redraw: (() => void) | undefined;
}

/** The rules of the open dialog: a group of fields for each, with what is wrong below it. */
export class RuleList {
  private cards: Card[] = [];
  private made = 0;

  constructor(
    private readonly place: HTMLElement,
    private readonly translate: (key: string, values?: Record<string, string | number>) => string,
    rules: readonly RawRule[],
    /** Makes the field of a recipient one to choose in; draws it again when called. */
    private readonly choosePeople?: (input: HTMLInputElement, kind: () => string) => () => void,
  ) {
    for (const rule of rules) this.add(rule, false);
    if (rules.length === 0) this.add({}, false);
    this.update();
  }

  /** Adds a rule; `focus`: for somebody who is about to fill it in. */
  add(rule: RawRule = {}, focus = true): void {
    // It takes the place of the one that nobody has filled in yet.
    const [only] = this.cards;
    if (this.cards.length === 1 && only && Object.keys(rule).length > 0 && isEmpty(only)) {
      only.element.remove();
      this.cards = [];
    }
    const { translate } = this;
    const inputs = new Map<Field, HTMLInputElement | HTMLSelectElement>();
    const number = ++this.made;
    const rows = FIELDS.map((field) => {
      const id = `dinox-rule-${number}-${field}`;
      const value = rule[field] ?? DEFAULTS[field];
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
    const to = inputs.get('to');
    if (to instanceof HTMLInputElement)
      card.redraw = this.choosePeople?.(to, () => inputs.get('kind')?.value ?? 'auto');
    this.update();
    if (focus) inputs.get('to')?.focus();
  }

  /** The rules as they are saved; one that nobody has filled in is left out. */
  get rules(): RawRule[] {
    return this.cards
      .map(({ inputs }) =>
        Object.fromEntries([...inputs].map(([field, input]) => [field, input.value.trim()])),
      )
      .filter((rule) => Object.entries(rule).some(([field, value]) => value !== DEFAULTS[field as Field]));
  }

  /** Shows news about people. */
  redraw(): void {
    for (const { redraw } of this.cards) redraw?.();
  }

  /** Shows what matters for each rule, and what is wrong with it. */
  update(): void {
    const all = this.cards.map(({ inputs }) =>
      Object.fromEntries([...inputs].map(([field, input]) => [field, input.value])),
    );
    const { problems } = readRules(all);
    for (const [index, { element, inputs }] of this.cards.entries()) {
      const direction = inputs.get('direction')?.value;
      for (const row of element.querySelectorAll<HTMLElement>('[data-field]')) {
        const field = row.dataset.field as Field;
        row.hidden =
          (direction === 'toMqtt' && INTO_CHAT.includes(field)) ||
          (direction === 'toChat' && INTO_MQTT.includes(field));
      }
      const title = element.querySelector('strong');
      if (title) title.textContent = this.translate('label.rule', { number: index + 1 });
      const mine = isEmpty({ inputs }) ? [] : problems.filter(({ number }) => number === index + 1);
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

  private input(field: Field, id: string, value: string): HTMLInputElement | HTMLSelectElement {
    const choices = CHOICES[field];
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

const isEmpty = ({ inputs }: Pick<Card, 'inputs'>): boolean =>
  [...inputs].every(([field, input]) => input.value.trim() === DEFAULTS[field]);
