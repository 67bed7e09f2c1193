/// <reference path="../editor/red.d.ts" />
import * as form from '../editor/form';
import * as rules from '../editor/rules';

const PREFIX = 'node-input';
const field = (property: string): JQuery => form.field(PREFIX, property);

RED.nodes.registerType('xmpp-out', {
  category: 'DinoX',
  color: '#8cc8a4',
  icon: 'xmpp-out.svg',
  paletteLabel: 'xmpp out',
  defaults: {
    name: { value: '' },
    to: { value: '', validate: form.ruled(rules.receivers) },
    kind: { value: 'auto' },
    format: { value: 'payload' },
    receipts: { value: true },
    nick: { value: '', validate: form.ruled(rules.nick) },
    rate: { value: 20, validate: form.ruled(rules.integer(1, 6_000)) },
    attachmentDir: { value: '' },
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
    form.addStyle();
    form.fillMissing(this, PREFIX, {
      kind: 'auto',
      format: 'payload',
      receipts: true,
      rate: '20',
    });
    const look = form.explainFaults(this, PREFIX);
    const update = (): void => {
      const account = String(RED.nodes.node(field('broker').val())?.jid ?? '');
      $('#dinox-note-self').prop('hidden', !rules.names(String(field('to').val() ?? ''), account));
      form.digest('room', String(field('nick').val() ?? ''));
      form.digest('more', this._('xmpp-out.digest.rate', { rate: String(field('rate').val() || 20) }));
      look();
    };
    $('.dinox-form').on('input change', update);
    update();
  },
});
