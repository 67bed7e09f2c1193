/// <reference path="../red.d.ts" />

import { entriesOf } from '../../xmpp/typed-addresses';
import { el, icon, setText } from '../dom';
import { addDescription } from '../form';
import { visible } from '../format';
import { shared } from '../texts';
import { type Typed, toggled, typedAt, withEntry } from '../typed-list';
import type { People, PersonChoice } from './people';

export interface PeopleChooserOptions {
  /** A line or a text area that holds several JIDs. */
  input: JQuery;
  people: People;
  /** Separates two JIDs; and the text that is written between them. */
  separator: RegExp;
  joiner: string;
  /** True if this field accepts the choice. */
  takes(choice: PersonChoice): boolean;
  /** The field holds one JID: a choice takes the place of what stands there. */
  isSingle?: boolean;
}

const MAX_OFFERED = 60;
const GROUPS = ['callers', 'contacts', 'rooms'] as const;

/**
 * Recipients to choose from: a button that shows everyone the account knows, completion while somebody types, and the
 * chosen people below the field. Arrow keys, Enter and Escape work as in every list (ARIA combobox).
 */
export class PeopleChooser {
  private readonly input: HTMLInputElement | HTMLTextAreaElement;
  private readonly list: HTMLElement;
  private readonly chosen = el('div', 'dinox-note dinox-chips', { 'aria-live': 'polite' });
  private readonly state: HTMLElement;
  private readonly button: HTMLButtonElement;
  private shown: PersonChoice[] = [];
  private active = -1;
  /** True if the list is wanted; it shows as soon as there is somebody to show. */
  private isOpen = false;
  /** True: everyone is shown, not only matches of what is typed. */
  private browsing = false;
  private painted = '';

  constructor(private readonly options: PeopleChooserOptions) {
    const input = options.input[0] as HTMLInputElement;
    this.input = input;
    const id = input.id;
    const isArea = input.tagName === 'TEXTAREA';
    const row = input.closest('.form-row') as HTMLElement;
    // The label's text may come later.
    const label = row.querySelector('label') as HTMLElement;
    label.id = `${id}-label`;
    this.list = el('div', 'dinox-people', {
      id: `${id}-people`,
      role: 'listbox',
      'aria-multiselectable': options.isSingle ? undefined : 'true',
      'aria-labelledby': label.id,
      hidden: true,
      // Beside a text area, which is no combobox, the button is its own tab stop.
      tabindex: isArea ? '0' : undefined,
    });
    this.button = el(
      'button',
      'red-ui-button dinox-people-button',
      {
        ...{
          type: 'button',
          id: `${id}-choose`,
          title: translate('choose'),
          'aria-label': translate('choose'),
        },
        ...{ 'aria-labelledby': `${id}-choose ${label.id}`, 'aria-haspopup': 'listbox' },
      },
      icon('address-book-o'),
    );
    this.state = el('div', 'dinox-note', { id: `${id}-people-state`, role: 'status' });
    row.classList.add('dinox-people-row');
    input.after(this.button);
    this.button.after(this.list, this.chosen, this.state);
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('autocomplete', 'off');
    // A text area may not call itself a combobox (ARIA in HTML), but may point into a list.
    if (!isArea) {
      input.setAttribute('role', 'combobox');
      input.setAttribute('aria-expanded', 'false');
    }
    input.setAttribute('aria-controls', this.list.id);
    addDescription(options.input, this.state.id);
    this.listen(row);
  }

  /** Draws again, after news or a change of the field. */
  update(): void {
    setText(this.state, this.options.people.state);
    this.paintChosen();
    if (this.isOpen) this.paint();
  }

  private listen(row: HTMLElement): void {
    const { input, list } = this;
    const { people } = this.options;
    this.button.addEventListener('click', () => {
      if (this.isOpen && this.browsing) {
        this.close();
        return;
      }
      people.open();
      this.open(true);
      input.focus();
    });
    input.addEventListener('input', () => {
      people.open();
      this.open(false);
      this.update();
    });
    for (const one of [input, list])
      one.addEventListener('keydown', (event) => this.key(event as KeyboardEvent));
    row.addEventListener('focusout', ({ relatedTarget }) => {
      if (!row.contains(relatedTarget as Node | null)) this.close();
    });
    // The focus stays where it is.
    list.addEventListener('mousedown', (event) => event.preventDefault());
    list.addEventListener('click', ({ target }) => {
      const at = Number((target as HTMLElement).closest<HTMLElement>('[data-at]')?.dataset.at ?? -1);
      if (at >= 0) this.choose(at);
    });
  }

  private key(event: KeyboardEvent): void {
    const { key } = event;
    const isOpen = !this.list.hidden;
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      // In a text area the arrows go from line to line; Alt with an arrow goes into the list.
      if (!isOpen && (this.input.tagName === 'TEXTAREA' ? !event.altKey : false)) return;
      event.preventDefault();
      if (!isOpen) {
        this.options.people.open();
        this.open(this.typed.word === '');
      }
      const { length } = this.shown;
      if (length === 0) return;
      const next = key === 'ArrowDown' ? this.active + 1 : this.active < 0 ? length - 1 : this.active - 1;
      this.activate((next + length) % length);
    } else if (isOpen && key === 'Enter' && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    } else if (isOpen && key === 'Escape') {
      // The key must not reach the dialog.
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.input.focus();
    }
  }

  private get typed(): Typed {
    const { input } = this;
    return typedAt(input.value, input.selectionStart ?? input.value.length, this.options.separator);
  }

  private open(browsing: boolean): void {
    this.isOpen = true;
    this.browsing = browsing;
    this.active = -1;
    this.painted = '';
    this.paint();
  }

  private close(): void {
    this.isOpen = false;
    this.list.hidden = true;
    this.browsing = false;
    this.activate(-1);
    this.expanded(false);
  }

  private expanded(on: boolean): void {
    if (this.input.tagName === 'INPUT') this.input.setAttribute('aria-expanded', String(on));
  }

  private choose(at: number): void {
    const choice = this.shown[at];
    if (!choice) return;
    const { separator, joiner } = this.options;
    const { input } = this;
    const { isSingle } = this.options;
    const { value, caret } = isSingle
      ? { value: choice.jid, caret: choice.jid.length }
      : this.browsing
        ? toggled(input.value, choice.jid, separator, joiner)
        : withEntry(input.value, this.typed, choice.jid);
    input.value = value;
    input.setSelectionRange(caret, caret);
    this.options.input.trigger('change');
    if (this.browsing && !isSingle) {
      this.painted = '';
      this.paint();
    } else this.close();
    this.update();
  }

  private get found(): PersonChoice[] {
    const { people, takes } = this.options;
    const all = people.choices.filter(takes);
    if (this.browsing) return all.slice(0, MAX_OFFERED);
    const wanted = this.typed.word.toLowerCase().replace(/^xmpp:/, '');
    const has = entriesOf(this.input.value, this.options.separator).map((one) => one.toLowerCase());
    const fits = (text: string): boolean => text.toLowerCase().includes(wanted);
    return wanted === ''
      ? []
      : all.filter(({ jid, name }) => (fits(jid) || fits(name)) && !has.includes(jid)).slice(0, MAX_OFFERED);
  }

  private paint(): void {
    const { list } = this;
    const found = this.found;
    const has = entriesOf(this.input.value, this.options.separator).map((one) => one.toLowerCase());
    const key = JSON.stringify([found, has]);
    if (key !== this.painted) {
      const active = this.shown[this.active]?.jid;
      this.painted = key;
      this.shown = found;
      const groups = GROUPS.map((name) => this.group(name, has)).filter((part) => part !== undefined);
      const top = list.scrollTop;
      list.replaceChildren(...groups);
      list.scrollTop = top;
      this.activate(found.findIndex(({ jid }) => jid === active));
    }
    const { offsetTop, offsetHeight, offsetLeft } = this.input;
    list.style.top = `${offsetTop + offsetHeight + 3}px`;
    list.style.left = `${offsetLeft}px`;
    list.hidden = found.length === 0;
    this.expanded(!list.hidden);
  }

  private group(name: PersonChoice['group'], has: readonly string[]): HTMLElement | undefined {
    const rows = this.shown.flatMap((choice, at) =>
      choice.group === name ? [this.row(choice, at, has.includes(choice.jid))] : [],
    );
    if (rows.length === 0) return undefined;
    const title = translate(`group.${name}`);
    return el(
      'div',
      '',
      { role: 'group', 'aria-label': title },
      el('div', 'dinox-people-title', { 'aria-hidden': 'true' }, title),
      ...rows,
    );
  }

  private row(choice: PersonChoice, at: number, isChosen: boolean): HTMLElement {
    const { jid, text } = choice;
    return el(
      'div',
      'dinox-person',
      { role: 'option', id: `${this.list.id}-${at}`, 'data-at': at, 'aria-selected': String(isChosen) },
      icon(isChosen ? 'check' : choice.kind === 'room' ? 'users' : 'user-o'),
      el(
        'span',
        'dinox-person-words',
        {},
        el('span', 'dinox-person-name', {}, nameOf(choice)),
        tone(choice),
        nameOf(choice) !== jid ? el('span', 'dinox-person-jid', {}, visible(jid, 120)) : undefined,
        text
          ? el('span', 'dinox-person-jid', {}, shared('people.quoted', { text: visible(text, 80) }))
          : undefined,
      ),
    );
  }

  private activate(at: number): void {
    this.active = at;
    for (const option of this.list.querySelectorAll<HTMLElement>('[data-at]')) {
      const isActive = Number(option.dataset.at) === at;
      option.classList.toggle('dinox-active', isActive);
      if (isActive) option.scrollIntoView({ block: 'nearest' });
    }
    for (const one of [this.input, this.list]) {
      if (at < 0) one.removeAttribute('aria-activedescendant');
      else one.setAttribute('aria-activedescendant', `${this.list.id}-${at}`);
    }
  }

  /** Shows the entries of the field as people, as far as they are known. */
  private paintChosen(): void {
    const { people, separator } = this.options;
    const found = entriesOf(this.input.value, separator)
      .map((jid) => people.find(jid))
      .filter((one) => one !== undefined);
    const key = JSON.stringify(found);
    if (this.chosen.dataset.key === key) return;
    this.chosen.dataset.key = key;
    this.chosen.replaceChildren(
      ...found.map((choice) =>
        el(
          'span',
          'dinox-chip',
          { title: visible(choice.jid, 200) },
          icon(choice.kind === 'room' ? 'users' : 'user-o'),
          el('span', 'dinox-person-name', {}, nameOf(choice)),
          tone(choice),
        ),
      ),
    );
  }
}

const translate = (key: string): string => shared(`people.${key}`);

/** A choice's name, else a room's localpart or a person's JID. */
function nameOf({ name, jid, kind }: PersonChoice): string {
  return visible(name || (kind === 'room' ? (jid.split('@', 1)[0] ?? jid) : jid), 80);
}

/** A dot and its word, or for rooms the word alone, because colour alone is not enough. */
function tone({ tone: look, word }: PersonChoice): HTMLElement {
  return el(
    'span',
    'dinox-tone',
    {},
    look === 'unknown'
      ? icon('question-circle-o')
      : look
        ? el('span', `dinox-dot dinox-dot-${look}`, { 'aria-hidden': 'true' })
        : undefined,
    translate(`word.${word}`),
  );
}
