/// <reference path="../../../editor/red.d.ts" />

import type { Text } from '../../../base/text';
import { type ApiError, post } from '../../../editor/admin-api';
import type { Found } from '../../../editor/test-view';
import { readText } from '../../../editor/texts';

/** The runtime's answer (`runtime/connection-test/configuration-request.ts`). */
interface ServerConfiguration {
  server: string;
  parts: { file: string; text: Text }[];
}

export interface ConfiguredDialog {
  node: EditorNode;
  config(): Record<string, unknown>;
  found(): Found | undefined;
}

/** Characters in a row of the dialog, about: lines that are longer are wrapped. */
const ROW = 52;

const rowsOf = (words: string): number =>
  words
    .trimEnd()
    .split('\n')
    .reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / ROW)), 0);

/** The button *Copy server configuration*, and the texts for the files of the account's server. */
export function offerConfiguration({ node, config, found }: ConfiguredDialog): void {
  const button = $('#dinox-configuration-button');
  const panel = $('#dinox-configuration');
  const say = (key: string, values?: Record<string, string>): string =>
    node._(`dinox-broker.configuration.${key}`, values);

  const part = ({ file, text }: ServerConfiguration['parts'][number]): JQuery => {
    const words = readText(text);
    const area = $('<textarea>', {
      readonly: true,
      spellcheck: 'false',
      rows: Math.min(16, rowsOf(words)),
      'aria-label': file,
    }).val(words);
    const copied = $('<span>', { role: 'status' });
    const copy = $('<button>', { type: 'button', class: 'red-ui-button red-ui-button-small' })
      .text(say('copy'))
      .on('click', () => {
        // The modern clipboard wants HTTPS, which few Node-REDs at home have.
        area.trigger('focus').trigger('select');
        copied.text(say(document.execCommand('copy') ? 'copied' : 'selected'));
      });
    const head = $('<div>', { class: 'dinox-configuration-head' }).append(
      $('<code>').text(file),
      copy,
      copied,
    );
    return $('<div>').append(head, area);
  };

  const show = (all: readonly ServerConfiguration[]): void => {
    panel.empty().prop('hidden', false);
    const parts = $('<div>');
    const choice = $('<select>', { 'aria-label': say('server') });
    for (const { server } of all)
      $('<option>', { value: server })
        .text(node._(`dinox-broker.configuration.${server}`))
        .appendTo(choice);
    const fill = (): void => {
      const chosen = all.find(({ server }) => server === choice.val());
      parts.empty().append((chosen?.parts ?? []).map(part));
    };
    choice.on('change', fill);
    panel.append($('<div>').text(say('lead')), choice, parts);
    fill();
  };

  button.on('click', () => {
    const { where, software, services } = found() ?? {};
    const body = { id: node.id, config: config(), found: { where, software, pubsub: services?.pubsub } };
    void post<ServerConfiguration[]>('dinox/configuration', body).then(show, (error: ApiError) => {
      panel
        .empty()
        .prop('hidden', false)
        .text(error.message || say('lost'));
    });
  });
}
