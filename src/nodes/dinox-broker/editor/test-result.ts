/// <reference path="../../../editor/red.d.ts" />

import type { Step } from '../../../base/step';
import type { Text } from '../../../base/text';
import { accountCommands, fingerprintCommand } from '../../../editor/administrator';
import type { TestView, UntrustedCertificate } from '../../../editor/test-view';
import { readText } from '../../../editor/texts';

/** Rows of the table, in the order in which people ask. */
const ORDER = [
  'transport',
  'login',
  'versions',
  'qos',
  'retained',
  'wildcards',
  'shared',
  'size',
  'nodes',
  'upload',
  'rooms',
  'pubsub',
];

const ICONS: Readonly<Record<string, string>> = {
  yes: 'fa-check',
  limited: 'fa-adjust',
  no: 'fa-times',
  warning: 'fa-exclamation-triangle',
  unknown: 'fa-question',
};

/** `ejabberd 24.12` of `ejabberd 24.12-3+deb13u2`: the packager's part says nothing to people. */
export const shortSoftware = (software: string): string => software.replace(/(\d)-\S+$/, '$1');

/** Adds the new steps, as text only, because they hold a server's words. */
export function showSteps(node: EditorNode, panel: JQuery, steps: readonly Step[], count: number): void {
  const list = panel.find('ol');
  for (const { asked, answer, follows, ok, ms } of steps) {
    const time = $('<span>', { class: 'dinox-ms' }).text(node._('dinox-broker.test.ms', { ms }));
    $('<li>', { class: ok ? 'dinox-ok' : 'dinox-not' })
      .append($('<div>', { class: 'dinox-asked' }).text(readText(asked)).append(time))
      .append($('<div>').text(readText(answer)))
      .append($('<div>', { class: 'dinox-follows' }).text(`→ ${readText(follows)}`))
      .appendTo(list);
  }
  panel.find('.dinox-test-steps .dinox-digest').text(node._('dinox-broker.test.count', { count }));
}

/** Shows the table, as far as it is known. */
export function showAbilities(node: EditorNode, panel: JQuery, abilities: TestView['abilities']): void {
  if (abilities.length === 0) return;
  const body = panel.find('tbody').empty();
  panel.find('table').prop('hidden', false);
  const sorted = [...abilities].sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
  for (const { name, verdict, said, params = {} } of sorted) {
    const word = node._(`dinox-broker.ability.verdict.${verdict}`);
    const icon = $('<i>', {
      class: `fa ${ICONS[verdict] ?? 'fa-question'} dinox-${verdict}`,
      role: 'img',
      'aria-label': word,
      title: word,
    });
    const { bytes } = params;
    // As the reader's language groups digits.
    const values = typeof bytes === 'number' ? { ...params, bytes: bytes.toLocaleString() } : params;
    const words = node._(`dinox-broker.ability.said.${said}`, values);
    $('<tr>')
      .append($('<th>', { scope: 'row' }).text(node._(`dinox-broker.ability.name.${name}`)))
      .append($('<td>').append($('<div>').append(icon, $('<span>').text(words))))
      .appendTo(body);
  }
}

/** Shows the one thing to do, and behind it the details. */
export function showAdvice(node: EditorNode, panel: JQuery, todo: string, text: Text): void {
  panel
    .find('.dinox-test-advice')
    .empty()
    .append($('<strong>').text(node._('dinox-broker.test.todo')), $('<span>').text(todo))
    .append($('<pre>', { tabindex: 0 }).text(readText(text)));
}

/** Shows the administrator of a server how to make this account there. */
export function showAdministrator(node: EditorNode, panel: JQuery, jid: string): void {
  const commands = accountCommands(jid);
  if (commands.length === 0) return;
  const line = ([name, command]: [string, string]): JQuery =>
    $('<li>').append($('<span>').text(`${name}: `), $('<code>').text(command));
  panel
    .find('.dinox-test-advice')
    .append(
      $('<div>', { class: 'dinox-test-admin' }).append(
        $('<div>').text(node._('dinox-broker.test.admin')),
        $('<ul>').append(...commands.map(line)),
      ),
    );
}

/** What is written for somebody who helps: all that the panel says, a line each, without these secrets. */
export function resultText(panel: JQuery, secrets: readonly string[]): string {
  const lines = (selector: string): string[] =>
    panel
      .find(selector)
      .get()
      .map((one) => $(one).children().get())
      .map((parts) => parts.map((part) => (part.textContent ?? '').trim()).join(' '));
  const text = [
    panel.find('.dinox-test-state').text(),
    ...panel
      .find('.dinox-test-advice > *')
      .get()
      .map((one) => one.textContent ?? ''),
    '',
    ...lines('.dinox-abilities:not([hidden]) tbody tr'),
    '',
    ...panel
      .find('.dinox-test-notices > li')
      .get()
      .map((one) => `- ${one.textContent ?? ''}`),
    '',
    ...lines('.dinox-test-steps > ol > li').map((step, index) => `${index + 1}. ${step}`),
  ].join('\n');
  return secrets.reduce((kept, secret) => kept.split(secret).join('***'), text).replace(/\n{3,}/g, '\n\n');
}

/** Shows a certificate, and a button that trusts it once its fingerprint has been compared. */
export function showCertificate(
  node: EditorNode,
  panel: JQuery,
  { where, fingerprint, names, issuer, until }: UntrustedCertificate,
  jid: string,
  trust: () => void,
): void {
  const say = (key: string, values?: Record<string, string>): string =>
    node._(`dinox-broker.trust.${key}`, values);
  const line = (text: string): JQuery => $('<div>').text(text);
  const button = $('<button>', { type: 'button', class: 'red-ui-button dinox-trust' })
    .text(say('press'))
    .on('click', trust);
  panel
    .find('.dinox-test-advice')
    .append(
      $('<div>', { class: 'dinox-certificate' }).append(
        line(say('shows', { where })),
        line(say('names', { names, issuer: issuer || say('nobody'), until })),
        $('<code>').text(fingerprint),
        line(say('compare', { command: fingerprintCommand(where, jid) })),
        button,
      ),
    );
}

export function showNotices(panel: JQuery, notices: TestView['notices']): void {
  const list = panel.find('.dinox-test-notices').empty();
  list.prop('hidden', notices.length === 0);
  for (const { level, text } of notices)
    $('<li>', { class: `dinox-${level}` })
      .text(readText(text))
      .appendTo(list);
}
