/// <reference path="../../editor/red.d.ts" />

// The one style sheet of all dialogs: `dinox-broker` brings what they share into the page.
import '../../editor/form.css';
import { faultText, ruled } from '../../editor/form';
import { ADDRESS_RULES } from '../../editor/people/address-rules';
import { chatParts } from '../../editor/people/chat-parts';
import { watchShown } from '../../editor/shown-state';
import * as rules from '../../editor/validation';
import { hostOf, isEdited, leave, prepare, save, textOf } from './editor/dialog';
import { registerTakeOver } from './editor/take-over-dialog';

RED.nodes.registerType('dinox-broker', {
  category: 'config',
  addressRules: ADDRESS_RULES,
  chatParts,
  watchShown,
  color: '#8cc8a4',
  icon: 'dinox-broker.svg',
  defaults: {
    name: { value: '' },
    jid: {
      value: '',
      validate(value, _options) {
        if (String(value ?? '').trim() === '' && hostOf(this) === '')
          return faultText(this, rules.ownReason('accountOrHost'));
        return ruled(rules.jid).call(this, value, _options);
      },
    },
    serverType: { value: 'auto' },
    host: { value: '', validate: ruled(rules.host) },
    port: { value: '', validate: ruled(rules.whole('port')) },
    usetls: { value: true },
    tls: { value: '', type: 'tls-config', required: false },
    trusted: { value: '', validate: ruled(rules.fingerprints) },
    useXmppCredentials: { value: true },
    transport: { value: 'auto' },
    pubsubService: {
      value: '',
      validate(value, _options) {
        return ruled(rules.pubsubService(String(this.jid ?? ''))).call(this, value, _options);
      },
    },
    payloadType: { value: 'json' },
    nodeAccess: { value: 'whitelist' },
    nodePublish: { value: 'publishers' },
    nodeMaxItems: { value: 1, validate: ruled(rules.whole('nodeMaxItems')) },
    pubsubPoll: { value: '60s', validate: ruled(rules.poll) },
    allowUnencrypted: { value: false },
    xmppService: { value: '', validate: ruled(rules.xmppService) },
    protocolVersion: { value: 'auto' },
    clientid: { value: '' },
    resource: { value: '', validate: ruled(rules.resource) },
    presence: { value: 'available' },
    priority: { value: 0, validate: ruled(rules.whole('priority')) },
    watch: { value: '', validate: ruled(rules.filters) },
    history: { value: '24h' },
    queueMessages: { value: 10000, validate: ruled(rules.whole('queueMessages')) },
    queueBytes: { value: 16777216, validate: ruled(rules.whole('queueBytes')) },
    queueTtl: { value: '1h', validate: ruled(rules.duration) },
    queuePersist: { value: false },
    keepalive: { value: 60, validate: ruled(rules.whole('keepalive')) },
    cleansession: { value: true },
    sessionExpiry: { value: 0, validate: ruled(rules.whole('sessionExpiry')) },
    autoConnect: { value: true },
    autoUnsubscribe: { value: true },
    birthTopic: { value: '', validate: ruled(rules.topic) },
    birthQos: { value: '0' },
    birthRetain: { value: 'false' },
    birthPayload: { value: '' },
    birthMsg: { value: {} },
    closeTopic: { value: '', validate: ruled(rules.topic) },
    closeQos: { value: '0' },
    closeRetain: { value: 'false' },
    closePayload: { value: '' },
    closeMsg: { value: {} },
    willTopic: { value: '', validate: ruled(rules.topic) },
    willQos: { value: '0' },
    willRetain: { value: 'false' },
    willPayload: { value: '' },
    willMsg: { value: {} },
    userProps: { value: '' },
    showInHomeAssistant: { value: false },
    discoveryPrefix: { value: '', validate: ruled(rules.topic) },
    botStatus: { value: false },
    botId: { value: '' },
    botName: { value: '' },
    // Names of core's `mqtt-broker`: a flow that was taken over keeps them, a new node has none of them.
    broker: { value: undefined },
    usews: { value: undefined },
    compatmode: { value: undefined },
    verifyservercert: { value: undefined },
    configVersion: { value: 1 },
  },
  credentials: {
    user: { type: 'text' },
    password: {
      type: 'password',
      validate(value, _options) {
        const missing = isEdited(this) && textOf('jid') !== '' && String(value ?? '') === '';
        return missing ? faultText(this, rules.ownReason('password')) : true;
      },
    },
    mqttPassword: { type: 'password' },
  },
  label() {
    const port = this.port && !String(hostOf(this)).includes('://') ? `:${this.port}` : '';
    const address = String(this.host || this.broker || '');
    return String(this.name || this.jid || (address && address + port) || 'dinox-broker');
  },
  oneditprepare() {
    prepare(this);
    watchShown($('#node-config-input-showInHomeAssistant'), () => this.id);
  },
  oneditsave() {
    save(this);
  },
  oneditcancel() {
    leave();
  },
  oneditdelete() {
    leave();
  },
});

registerTakeOver();
