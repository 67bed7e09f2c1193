/// <reference path="./red.d.ts" />

import type { Text } from '../base/text';
import { readText, wordsOf } from './texts';
import type { Rule } from './validation';

export type Prefix = 'node-input' | 'node-config-input';

/** The reason for a refused value: from the node's own labels, or from the catalogue that the runtime has as well. */
export function faultText(node: EditorNode, reason: Text): string {
  return readText(reason, (key) =>
    key.startsWith('problem.') ? node._(`${node.type}.${key}`, { skipInterpolation: true }) : wordsOf(key),
  );
}

/** A rule in the form that Node-RED expects. A property that an older flow lacks counts as empty. */
export function ruled(rule: Rule): Validator {
  return function (value, _options) {
    const found = rule(value === undefined || value === null ? '' : String(value));
    return found ? faultText(this, found) : true;
  };
}

/**
 * Chooses the only connection, in a node that has none yet. If a node can do without, a chosen *none* must stay: its
 * `broker` has no default, so that it is absent only in a node that was never filled in.
 */
export function chooseOnlyConnection(
  node: EditorNode,
  prefix: Prefix,
  isNeeded = node._def.defaults.broker?.required === true,
): void {
  const { broker } = node;
  if (broker !== undefined && !(broker === '' && isNeeded)) return;
  const select = field(prefix, 'broker');
  const ids = select
    .find('option')
    .map((_, option) => (option as HTMLOptionElement).value)
    .get()
    .filter((id) => id !== '_ADD_');
  if (ids.length === 1) select.val(String(ids[0]));
}

export const field = (prefix: Prefix, property: string): JQuery => $(`#${prefix}-${property}`);

/** Shows or hides the row of a field together with its label and notes. */
export function showRow(prefix: Prefix, property: string, visible: boolean): void {
  field(prefix, property).closest('.form-row').prop('hidden', !visible);
}

/** Gives fields that an older flow or one of core's nodes lacks the value that applies at run time. */
export function fillMissing(
  node: EditorNode,
  prefix: Prefix,
  values: Record<string, string | boolean>,
): void {
  for (const [property, value] of Object.entries(values)) {
    if (node[property] !== undefined && node[property] !== null) continue;
    const input = field(prefix, property);
    if (typeof value === 'boolean') input.prop('checked', value);
    else input.val(value);
  }
}

/**
 * Writes the reason for a refused value below its field, tells assistive technology, and marks the folded section that
 * holds it; sections with a fault are open when the dialog opens.
 *
 * @returns a function that checks all fields again, for {@link whenChanged}.
 */
export function explainFaults(node: EditorNode, prefix: Prefix): () => void {
  const definitions: Record<string, { validate?: Validator }> = {
    ...node._def.defaults,
    ...node._def.credentials,
  };
  const checked = Object.entries(definitions).filter(([property, { validate }]) => {
    return validate !== undefined && field(prefix, property).length > 0;
  });

  const look = (): void => {
    for (const [property, { validate }] of checked) {
      const input = field(prefix, property);
      const value = input.val();
      const environment = /^\$[({][A-Za-z_]\w*[)}]$/.test(String(value));
      const verdict = environment ? true : (validate?.call(node, value, {}) ?? true);
      showReason(input, typeof verdict === 'string' ? verdict : '');
    }
    markSections();
  };

  look();
  $('.dinox-form details.dinox-faulty').prop('open', true);
  return look;
}

/**
 * Calls it once for all changes of a turn in the open dialog: when it opens, Node-RED says of each of its fields that
 * it has changed.
 */
export function whenChanged(look: () => void): void {
  let isDue = false;
  $('.dinox-form').on('input change', () => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      look();
    });
  });
}

/** Adds to what describes a field for assistive technology. */
export function addDescription(input: JQuery, id: string): void {
  input.attr('aria-describedby', [input.attr('aria-describedby'), id].filter(Boolean).join(' '));
}

/** Writes the reason for a refused value below its field; empty: there is none. */
export function showReason(input: JQuery, text: string): void {
  const id = `${input.attr('id')}-reason`;
  let note = $(`#${id}`);
  if (note.length === 0) {
    note = $('<div>', { id, class: 'dinox-note dinox-reason', role: 'status' });
    input.closest('.form-row').append(note);
    addDescription(input, id);
  }
  if (note.text() !== text) note.text(text);
  input.attr('aria-invalid', text === '' ? 'false' : 'true');
}

function markSections(): void {
  $('.dinox-form details').each((_, element) => {
    const section = $(element);
    const faulty = section
      .find('.form-row:not([hidden]) .dinox-reason')
      .filter((_i, note) => note.textContent !== '');
    section.toggleClass('dinox-faulty', faulty.length > 0);
  });
}

/** A JSON field that may be left out, for user properties. */
export function jsonField(input: JQuery, value: unknown, none: string): void {
  const text = typeof value === 'string' ? value : '';
  input.val(text).typedInput({
    default: text ? 'json' : 'none',
    types: [{ value: 'none', label: none, hasValue: false }, 'json'],
  });
}

/** The value of a {@link jsonField}; empty if it is left out. */
export function jsonValue(input: JQuery): string {
  return input.typedInput('type') === 'json' ? String(input.val() ?? '').trim() : '';
}

export interface Completion {
  value: string;
  label: string | JQuery;
}

/** Internals of Node-RED's field. */
interface AutoComplete {
  completionMenuShown: boolean;
  menu?: { hide(cancelled: boolean): void };
}

/**
 * Offers texts while somebody types. Node-RED's own field takes the first offer at Tab and Enter, whatever was typed;
 * here one is taken with the arrow keys or a click, and not otherwise.
 */
export function complete(
  input: JQuery,
  minLength: number,
  search: (text: string) => Completion[] | Promise<Completion[]>,
): void {
  const [element] = input;
  // No list opens for a field that has lost the focus.
  const isHere = (): boolean =>
    document.activeElement === element ||
    Boolean(document.activeElement?.closest('.red-ui-autoComplete-container'));
  input.autoComplete({
    minLength,
    // What was asked for before one was taken opens no list anew.
    search: (text, done) =>
      void Promise.resolve(search(text)).then((found) => done(isHere() && input.val() === text ? found : [])),
  });
  const close = (event: KeyboardEvent): void => {
    const { completionMenuShown, menu } = input.data('nodered-autoComplete') as AutoComplete;
    if ((event.key === 'Tab' || event.key === 'Enter') && completionMenuShown) menu?.hide(true);
  };
  // Runs before Node-RED's own handler, which then finds no list to take from.
  element?.addEventListener('keydown', close, { capture: true });
}

/** Offers a written list, for a field that takes other texts as well. */
export function offer(input: JQuery, choices: readonly string[]): void {
  complete(input, 0, (text) =>
    choices
      .filter((choice) => choice.includes(text.toLowerCase()))
      .map((choice) => ({ value: choice, label: choice })),
  );
}

export const CONTENT_TYPES = [
  'application/json',
  'application/octet-stream',
  'text/csv',
  'text/html',
  'text/plain',
] as const;

/** Summarises a folded section in a few words at its right. */
export function digest(section: string, text: string): void {
  $(`.dinox-form details[data-section=${section}] > summary > .dinox-digest`).text(text);
}

/** True if a connection may speak MQTT 5, so that its properties mean something, or if none is chosen. */
export function speaksMqtt5(brokerId: unknown): boolean {
  const broker = RED.nodes.node(brokerId);
  return !broker || ['auto', '5'].includes(String(broker.protocolVersion ?? '4'));
}
