/// <reference path="../../editor/red.d.ts" />
import * as form from '../../editor/form';
import { followBroker } from '../../editor/topics/broker-dialog';
import * as rules from '../../editor/validation';

const PREFIX = 'node-input';
const field = (property: string): JQuery => form.field(PREFIX, property);

/** A filter; to a newcomer, what one may be. */
const topicRule: rules.Rule = (typed) =>
  typed === '' ? rules.ownReason('filterEmpty') : rules.filter(typed);

/** The stored choice: with manual acknowledgement the input takes the acknowledgements. */
function isStoredDynamic({ inputs, manualAck, topic }: EditorNode): boolean {
  return Number(inputs) === 1 && !(manualAck === true && Boolean(topic));
}

/** True if the node takes its topics from messages, as chosen in its open dialog, else as stored. */
function isDynamic(node: EditorNode): boolean {
  const choice = field('topicType');
  return choice.data('dinox-node') === node.id ? choice.val() === 'dynamic' : isStoredDynamic(node);
}

RED.nodes.registerType('dinox-mqtt-in', {
  category: 'DinoX',
  color: '#8cc8a4',
  icon: 'dinox-mqtt-in.svg',
  paletteLabel: 'dinox mqtt in',
  defaults: {
    name: { value: '' },
    topic: {
      value: '',
      validate(value, _options) {
        return isDynamic(this) || form.ruled(topicRule).call(this, value, _options);
      },
    },
    topicType: { value: '' },
    qos: { value: '2', validate: form.ruled(rules.whole('qos')) },
    datatype: { value: 'auto-detect', required: true },
    broker: { value: '', type: 'dinox-broker', required: true },
    nl: { value: false },
    rap: { value: true },
    rh: { value: 0 },
    manualAck: { value: false },
    ackTimeout: { value: '', validate: form.ruled(rules.duration) },
    ackLimit: { value: '20', validate: form.ruled(rules.whole('ackLimit')) },
    inputs: { value: 0 },
  },
  inputs: 0,
  outputs: 1,
  label() {
    if (this.name) return String(this.name);
    return isStoredDynamic(this)
      ? this._('dinox-mqtt-in.label.dynamicNode')
      : String(this.topic || 'dinox mqtt in');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form.chooseOnlyConnection(this, PREFIX);
    const choice = field('topicType').data('dinox-node', this.id);
    // core keeps the choice in `inputs` alone; its own text for the fixed topic stays unchanged.
    const fixed = this.topicType === 'dynamic' ? '' : String(this.topicType ?? '');
    choice.children().first().val(fixed);
    choice.val(isStoredDynamic(this) ? 'dynamic' : fixed);
    form.fillMissing(this, PREFIX, {
      qos: '2',
      datatype: 'utf8',
      nl: false,
      rap: false,
      rh: '0',
      ackLimit: '20',
    });

    const { chosen, limits, look } = followBroker(this, PREFIX, {
      wildcards: true,
      isTopicShown: () => !isDynamic(this),
      update: () => update(),
    });
    const update = (): void => {
      const dynamic = isDynamic(this);
      const manual = field('manualAck').prop('checked') === true;
      field('inputs').val(dynamic || manual ? 1 : 0);
      for (const property of ['ackTimeout', 'ackLimit']) form.showRow(PREFIX, property, manual);
      for (const property of ['topic', 'qos']) form.showRow(PREFIX, property, !dynamic);
      $('.dinox-form details[data-section=mqtt5]').prop('hidden', dynamic);
      $('#dinox-note-dynamic').prop('hidden', !dynamic);
      chosen.look();
      limits.qos(chosen.info);
      limits.filter(chosen.info);
      limits.session('ack', chosen.info, manual);
      limits.version5('mqtt5', chosen.info, chosen.brokerId, false);
      look();
    };
    update();
  },
  oneditsave() {
    if (isDynamic(this)) field('topic').val('');
  },
});
