/// <reference path="../../editor/red.d.ts" />

import * as form from '../../editor/form';
import type { ChatParts } from '../../editor/people/chat-parts';
import { addressRule, addressRules } from '../../editor/people/find-rules';
import type { WatchShown } from '../../editor/shown-state';
import { duration, whole } from '../../editor/validation';
import { RECIPIENT_SEPARATOR } from '../../xmpp/typed-addresses';
import { PhonePreview } from './editor/preview';
import { TestMessage } from './editor/test-message';

const PREFIX = 'node-input';
const field = (property: string): JQuery => form.field(PREFIX, property);
const typed = (property: string): string => String(field(property).val() ?? '').trim();
const FIELDS = ['broker', 'to', 'kind', 'format', 'message', 'nick'] as const;

RED.nodes.registerType('xmpp-out', {
  category: 'DinoX',
  color: '#8cc8a4',
  icon: 'xmpp-out.svg',
  paletteLabel: 'xmpp out',
  defaults: {
    name: { value: '' },
    to: { value: '', validate: form.ruled(addressRule('recipients')) },
    kind: { value: 'auto' },
    message: { value: '' },
    format: { value: 'payload' },
    onlyChanges: { value: false },
    receipts: { value: true },
    links: { value: false },
    showInHomeAssistant: { value: false },
    nick: { value: '', validate: form.ruled(addressRule('nick')) },
    rate: { value: 20, validate: form.ruled(whole('rate')) },
    maxText: { value: '', validate: form.ruled(whole('maxText')) },
    maxFile: { value: '', validate: form.ruled(whole('maxFile')) },
    maxParsed: { value: '', validate: form.ruled(whole('maxParsed')) },
    attachmentDir: { value: '' },
    notify: { value: false },
    notifyExpiry: { value: '5m', validate: form.ruled(duration) },
    broker: { value: '', type: 'dinox-broker', required: true },
  },
  credentials: {
    password: { type: 'password' },
  },
  inputs: 1,
  outputs: 2,
  align: 'right',
  outputLabels(index) {
    return this._(index === 0 ? 'xmpp-out.output.sent' : 'xmpp-out.output.receipts');
  },
  label() {
    return String(this.name || this.to || 'xmpp out');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form.chooseOnlyConnection(this, PREFIX);
    form.fillMissing(this, PREFIX, {
      kind: 'auto',
      format: 'payload',
      receipts: true,
      rate: '20',
      notifyExpiry: '5m',
    });
    const look = form.explainFaults(this, PREFIX);
    const watchShown = RED.nodes.getType('dinox-broker')?.watchShown as WatchShown | undefined;
    watchShown?.(field('showInHomeAssistant'), () => String(field('broker').val() ?? ''));
    // `dinox-broker` may be switched off.
    const parts = RED.nodes.getType('dinox-broker')?.chatParts as ChatParts | undefined;
    if (!parts) return;
    const { BotAccount, PeopleChooser, People } = parts;
    const to = field('to')[0] as HTMLInputElement;
    const people = new People(
      () => typed('broker'),
      () => document.contains(to),
      () => chooser.update(),
    );
    const chooser = new PeopleChooser({
      input: field('to'),
      people,
      separator: RECIPIENT_SEPARATOR,
      joiner: ', ',
      takes: ({ kind }) => typed('kind') === 'auto' || (typed('kind') === 'groupchat') === (kind === 'room'),
    });
    const bot = new BotAccount('dinox-note-self', () => field('broker'));
    field('to').closest('.form-row').after(bot.element);
    form.addDescription(field('to'), bot.element.id);
    const preview = new PhonePreview({
      node: this,
      place: $('#dinox-preview')[0] as HTMLElement,
      format: () => typed('format'),
      message: field('message'),
      sender: () => people.account || this._('xmpp-out.preview.sender'),
    });
    new TestMessage({
      node: this,
      place: $('#dinox-test-message')[0] as HTMLElement,
      fields: () => ({
        ...Object.fromEntries(FIELDS.map((property) => [property, typed(property)])),
        password: String(field('password').val() ?? ''),
      }),
      sources: () => preview.sources,
      obstacle: () => {
        if (typed('to') === '') return this._('xmpp-out.test.nobody');
        const found = addressRule('recipients')(typed('to')) ?? addressRule('nick')(typed('nick'));
        return found ? form.faultText(this, found) : '';
      },
    });
    const update = (): void => {
      const { account } = people;
      bot.show(addressRules()?.names(typed('to'), account) ? this._('xmpp-out.note.self') : '', account);
      people.look();
      chooser.update();
      preview.paint();
      form.digest('room', typed('nick'));
      form.digest('more', this._('xmpp-out.digest.rate', { rate: typed('rate') || '20' }));
      look();
    };
    form.whenChanged(update);
    update();
  },
});
