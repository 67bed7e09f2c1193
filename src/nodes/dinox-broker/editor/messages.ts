/// <reference path="../../../editor/red.d.ts" />
import * as form from '../../../editor/form';

/** The three messages about the connection itself, and their MQTT 5 properties as core's nodes store them. */
const MESSAGES = ['birth', 'close', 'will'] as const;
const PROPERTIES = ['contentType', 'userProps', 'respTopic', 'correl', 'expiry', 'delay'] as const;

const field = (name: string): JQuery => form.field('node-config-input', name);
const textOf = (name: string): string => String(field(name).val() ?? '').trim();

function stored(node: EditorNode, message: string): Record<string, unknown> {
  const value = node[`${message}Msg`];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

export function prepareMessages(node: EditorNode): void {
  for (const message of MESSAGES) {
    const properties = stored(node, message);
    for (const property of PROPERTIES) {
      const input = field(`${message}-${property}`);
      if (property === 'userProps')
        form.jsonField(input, properties[property], node._('dinox-broker.option.none'));
      else input.val(String(properties[property] ?? ''));
    }
    form.offer(field(`${message}-contentType`), form.CONTENT_TYPES);
  }
}

export function showMessageDigests(node: EditorNode): void {
  const told = MESSAGES.map((message) => [message, textOf(`${message}Topic`)] as const);
  for (const [message, topic] of told) form.digest(message, topic);
  const used = told.filter(([, topic]) => topic !== '');
  form.digest(
    'messages',
    used.map(([message, topic]) => node._(`dinox-broker.digest.${message}`, { topic })).join(', '),
  );
}

/** Writes the properties back. Unknown and untouched ones stay unchanged. */
export function saveMessages(node: EditorNode): void {
  for (const message of MESSAGES) {
    const before = stored(node, message);
    const after = { ...before };
    for (const property of PROPERTIES) {
      const input = field(`${message}-${property}`);
      if (input.length === 0) continue;
      const text = property === 'userProps' ? form.jsonValue(input) : textOf(`${message}-${property}`);
      if (text === String(before[property] ?? '')) continue;
      if (text === '') delete after[property];
      else after[property] = text;
    }
    if (JSON.stringify(after) !== JSON.stringify(before)) node[`${message}Msg`] = after;
  }
}
