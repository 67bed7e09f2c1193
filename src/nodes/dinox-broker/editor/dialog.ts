/// <reference path="../../../editor/red.d.ts" />
import './connection-test.css';
import * as form from '../../../editor/form';
import type { Found } from '../../../editor/test-view';
import { brokerInfoOf } from '../../../editor/topics/broker-info';
import { ConnectionTest } from './connection-test';
import { offerAccount } from './create-account';
import { prepareMessages, saveMessages, showMessageDigests } from './messages';
import { offerConfiguration } from './server-configuration';
import { shortSoftware } from './test-result';
import { dialogConfig, dialogCredentials, hasFaults } from './tested-fields';

const PREFIX = 'node-config-input';
/** Placeholder for a stored password, which the editor never sees. */
const STORED = '__PWRD__';

const field = (property: string): JQuery => form.field(PREFIX, property);
const show = (property: string, visible: boolean): void => form.showRow(PREFIX, property, visible);
const ticked = (property: string): boolean => field(property).is(':checked');

export const textOf = (property: string): string => String(field(property).val() ?? '').trim();

/** True if the open dialog belongs to this node. Validators also run for nodes whose dialog is closed. */
export const isEdited = (node: EditorNode): boolean => field('jid').data('dinox-node') === node.id;

/** The address that was typed: `host`, or `broker` in a flow that comes from core's nodes. */
export const hostOf = (node: EditorNode): string =>
  isEdited(node) ? textOf('host') : String(node.host || node.broker || '').trim();

/** Values for fields that a flow does not set: those of core's `mqtt-broker`. */
const missing = (node: EditorNode): Record<string, string | boolean> => ({
  serverType: 'auto',
  transport: 'auto',
  payloadType: 'json',
  nodeAccess: 'whitelist',
  nodePublish: 'publishers',
  nodeMaxItems: '1',
  pubsubPoll: '60s',
  protocolVersion: String(node.compatmode) === 'true' ? '3' : '4',
  useXmppCredentials: true,
  presence: 'available',
  priority: '0',
  queueMessages: '10000',
  queueBytes: '16777216',
  queueTtl: '1h',
  keepalive: '60',
  cleansession: true,
  autoConnect: true,
  autoUnsubscribe: true,
  history: '24h',
  sessionExpiry: '0',
  birthQos: '0',
  birthRetain: 'false',
  closeQos: '0',
  closeRetain: 'false',
  willQos: '0',
  willRetain: 'false',
});

export function prepare(node: EditorNode): void {
  field('jid').data('dinox-node', node.id);
  form.fillMissing(node, PREFIX, missing(node));
  if (textOf('host') === '') field('host').val(String(node.broker ?? ''));
  form.jsonField(field('userProps'), node.userProps, node._('dinox-broker.option.none'));
  prepareMessages(node);

  const look = form.explainFaults(node, PREFIX);
  const guard = guardPassword();
  const update = (): void => {
    guard();
    look();
    showWhatMatters(node);
  };
  form.whenChanged(update);
  const seen = (found: Found): void => {
    field('jid').data('dinox-found', { account: account(), found });
    showWhatMatters(node);
  };
  offerAccount(node, field('jid'), field('password'));
  const test = new ConnectionTest({
    node,
    config: () => dialogConfig(node),
    credentials: dialogCredentials,
    hasFaults: () => {
      // What changed in this very turn has not been looked at yet.
      update();
      return hasFaults();
    },
    found: seen,
    trust: (fingerprint) => {
      const before = textOf('trusted');
      if (!before.includes(fingerprint))
        field('trusted').val(before === '' ? fingerprint : `${before}\n${fingerprint}`);
      field('trusted').trigger('input').closest('details').prop('open', true);
      test.start();
    },
  });
  $('#dinox-test').data('dinox-test', test);
  offerConfiguration({ node, config: () => dialogConfig(node), found: foundHere });
  void brokerInfoOf(node.id).then((known) => known?.software && seen({ ...known, software: known.software }));
  update();
  // A plain broker has its address in a folded section: somebody who comes to change it should see it.
  if (textOf('jid') === '' && textOf('host') !== '')
    $('.dinox-form details[data-section=broker]').prop('open', true);
}

/** The dialog closes, whichever way. */
export function leave(): void {
  ($('#dinox-test').data('dinox-test') as ConnectionTest | undefined)?.close();
}

/** Account and host that a finding belongs to. It no longer holds for others. */
const account = (): string => ['jid', 'host', 'port', 'transport'].map(textOf).join('\n');

/** Findings for the dialog's account, by a test or by the deployed connection. */
function foundHere(): Found | undefined {
  const last = field('jid').data('dinox-found') as { account: string; found: Found } | undefined;
  return last?.account === account() ? last.found : undefined;
}

/**
 * With a JID the password is the account's, without one the MQTT login's. A stored one must not change its meaning,
 * or it would be sent to a server that it was never meant for. It has to be typed again instead.
 */
function guardPassword(): () => void {
  const hadAccount = textOf('jid') !== '';
  const hadPassword = field('password').val() === STORED;
  let taken = false;
  return () => {
    const meansTheSame = (textOf('jid') !== '') === hadAccount;
    if (hadPassword && !meansTheSame && field('password').val() === STORED) {
      field('password').val('');
      taken = true;
    } else if (meansTheSame && taken) {
      if (field('password').val() === '') field('password').val(STORED);
      taken = false;
    }
    $('#dinox-note-ask-again').prop('hidden', !taken || field('password').val() !== '');
  };
}

function showWhatMatters(node: EditorNode): void {
  const account = textOf('jid') !== '';
  const plain = !account && textOf('host') !== '';
  const ownLogin = account && !ticked('useXmppCredentials');
  $('#dinox-note-no-account').prop('hidden', !plain);
  show('useXmppCredentials', !plain);
  show('user', plain || ownLogin);
  show('mqttPassword', ownLogin);
  const user = field('user').closest('.form-row');
  // Without an account, user name and password belong together.
  const below = field(plain ? 'password' : 'mqttPassword').closest('.form-row');
  // A row that is put where it is loses the focus, and with it the rest of what somebody types.
  if (!user.next().is(below)) user.insertBefore(below);

  field('port').prop('disabled', textOf('host').includes('://'));
  field('port').attr('placeholder', ticked('usetls') ? '8883' : '1883');
  $('#dinox-note-usetls').prop('hidden', ticked('usetls'));
  $('#dinox-note-unencrypted').prop('hidden', !ticked('allowUnencrypted'));
  show('autoUnsubscribe', !ticked('cleansession'));
  $('#dinox-note-autoUnsubscribe').prop('hidden', !ticked('autoUnsubscribe'));
  $('.dinox-v5').prop('hidden', !['auto', '5'].includes(textOf('protocolVersion')));
  showTransport(account);
  showBotStatus();
  showDigests(node);
}

const MQTT_ONLY = [
  'host',
  'port',
  'usetls',
  'useXmppCredentials',
  'user',
  'mqttPassword',
  'protocolVersion',
  'clientid',
  'keepalive',
  'cleansession',
  'autoUnsubscribe',
  'sessionExpiry',
  'userProps',
];
/** Those of them that only the transport hides. */
const ALWAYS_OVER_MQTT = [
  'host',
  'port',
  'usetls',
  'protocolVersion',
  'clientid',
  'keepalive',
  'cleansession',
];
const NODE_FIELDS = ['nodeAccess', 'nodePublish', 'nodeMaxItems', 'pubsubPoll'];

const isFaulty = (property: string): boolean => field(property).attr('aria-invalid') === 'true';

/** Hides fields of the transport that is not used; never one that is marked, or nobody could mend it. */
function showTransport(hasAccount: boolean): void {
  const transport = textOf('transport');
  const isChosen = hasAccount && transport === 'pubsub';
  const isFound = foundHere()?.where?.startsWith('xmpp:') === true;
  const overPubsub = isChosen || (hasAccount && transport === 'auto' && isFound);
  const isOpen = hasAccount && transport === 'auto' && textOf('host') === '';
  const onProsody = ['auto', 'prosody'].includes(textOf('serverType'));
  $('#dinox-configuration-row').prop('hidden', !hasAccount);
  show('transport', hasAccount || isFaulty('transport'));
  for (const property of ['pubsubService', 'payloadType'])
    show(property, overPubsub || onProsody || isFaulty(property));
  for (const property of NODE_FIELDS) show(property, overPubsub || isFaulty(property));
  // Whatever was hidden for another reason stays hidden.
  if (isChosen) for (const property of MQTT_ONLY) if (!isFaulty(property)) show(property, false);
  if (isChosen) $('.dinox-v5').prop('hidden', true);
  else for (const property of ALWAYS_OVER_MQTT) show(property, true);
  $('details[data-section=will]').prop('hidden', isChosen);
  $('.dinox-over-pubsub').prop('hidden', !isChosen);
  $('#dinox-note-pubsub').prop('hidden', !overPubsub);
  $('#dinox-note-transport').prop('hidden', !isOpen || !onProsody || overPubsub);
  const isDeaf = textOf('presence') === 'none' || Number(textOf('priority')) < 0;
  $('#dinox-note-not-receiving').prop('hidden', !overPubsub || !isDeaf);
}

/** Without a will of ours others learn of the bot's end only by its silence. */
function showBotStatus(): void {
  const told = ticked('botStatus');
  const overPubsub = !$('#dinox-note-pubsub').prop('hidden');
  for (const property of ['botId', 'botName']) show(property, told);
  $('#dinox-note-bot-will').prop('hidden', !told || overPubsub || textOf('willTopic') === '');
  $('#dinox-note-bot-pubsub').prop('hidden', !told || !overPubsub);
}

/** Shows the contents of folded sections in a few words, and the findings. */
function showDigests(node: EditorNode): void {
  const found = foundHere();
  const address = textOf('host').includes('://')
    ? textOf('host')
    : [textOf('host'), textOf('port')].join(':').replace(/:$/, '');
  const seen = (parts: (string | undefined)[]): string => {
    const what = parts.filter((part) => part !== undefined && part !== '').join(', ');
    return what === '' ? '' : node._('dinox-broker.digest.seen', { what });
  };
  const where = found?.where?.replace(/^\w+:\/\//, '');
  const unfound = textOf('host') === '' ? node._('dinox-broker.digest.found') : address;
  form.digest('broker', seen([where, found && shortSoftware(found.software)]) || unfound);
  const { muc, pubsub, upload } = found?.services ?? {};
  form.digest('xmpp', textOf('xmppService') || seen([pubsub, muc, upload]));
  form.digest('session', textOf('clientid'));
  showMessageDigests(node);
  const [local = ''] = textOf('jid').split('@');
  form.digest('bot', ticked('botStatus') ? textOf('botId') || local : '');
  const filters = textOf('watch')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const week = textOf('history') === '7d' ? [node._('dinox-broker.option.history.7d')] : [];
  form.digest('watch', [...filters, ...week].join(', '));
}

export function save(node: EditorNode): void {
  leave();
  for (const property of [
    'jid',
    'host',
    'port',
    'pubsubService',
    'xmppService',
    'queueTtl',
    'pubsubPoll',
    'watch',
    'trusted',
    'botId',
    'botName',
  ]) {
    field(property).val(textOf(property));
  }
  keepCoresName(node);
  field('userProps').val(form.jsonValue(field('userProps')));
  // core's old name for protocol version 3 would override another choice.
  if (textOf('protocolVersion') !== '3' && node.compatmode !== undefined) node.compatmode = false;
  saveMessages(node);
}

/** `broker` is core's name for the host. A node that came with it keeps it as long as it says the same. */
function keepCoresName(node: EditorNode): void {
  if (node.broker === undefined) return;
  if (textOf('jid') === '' && textOf('host') === String(node.broker))
    field('host').val(String(node.host ?? ''));
  else delete node.broker;
}
