/// <reference path="./red.d.ts" />
import type { Text } from '../base/text';
import { el } from './dom';
import { showReason } from './form';
import { visible } from './format';

/** A part of a message that can be put into a text. */
export interface Placeholder {
  name: string;
  insert: string;
}

export interface MessageFieldOptions {
  /** The text area. */
  field: JQuery;
  /** Words before the buttons, and the label of one. */
  lead: string;
  label(name: string): string;
  /** Called when the text has changed. */
  changed(): void;
}

/** A text area for a template, with a button for each placeholder, and the reason why it cannot be read. */
export class MessageField {
  private readonly buttons = el('div', 'dinox-placeholders', { role: 'group' });
  private drawn = '';

  constructor(private readonly options: MessageFieldOptions) {
    const { field, lead, changed } = options;
    this.buttons.setAttribute('aria-label', lead);
    this.buttons.hidden = true;
    field.after(this.buttons);
    field.on('input', () => {
      this.fit();
      changed();
    });
    this.fit();
  }

  get value(): string {
    return String(this.options.field.val() ?? '');
  }

  /** @param read makes words of the reason */
  show(placeholders: readonly Placeholder[], fault: Text | undefined, read: (fault: Text) => string): void {
    showReason(this.options.field, fault ? visible(read(fault), 300) : '');
    const drawn = JSON.stringify(placeholders);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.buttons.hidden = placeholders.length === 0;
    this.buttons.replaceChildren(
      el('span', '', { 'aria-hidden': 'true' }, this.options.lead),
      ...placeholders.map(({ name, insert }) => {
        const label = this.options.label(visible(name, 60));
        const look = 'red-ui-button red-ui-button-small';
        const attributes = { type: 'button', 'aria-label': label, title: insert };
        const button = el('button', look, attributes, visible(name, 40));
        button.addEventListener('click', () => this.insert(insert));
        return button;
      }),
    );
  }

  /** As if it had been typed, so that undo takes it back. */
  private insert(text: string): void {
    const area = this.options.field[0] as HTMLTextAreaElement;
    area.focus();
    const { selectionStart, selectionEnd, value } = area;
    const before = value.slice(0, selectionStart);
    const gap = before !== '' && !/\s$/.test(before) ? ' ' : '';
    area.setRangeText(gap + text, selectionStart, selectionEnd, 'end');
    this.options.field.trigger('input').trigger('change');
  }

  /** As many lines as there are, up to six. */
  private fit(): void {
    const lines = this.value.split('\n').length;
    this.options.field.attr('rows', String(Math.min(6, Math.max(1, lines))));
  }
}
