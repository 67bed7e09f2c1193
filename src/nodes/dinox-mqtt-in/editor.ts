/// <reference path="../editor/red.d.ts" />
import * as form from '../editor/form';
import * as rules from '../editor/rules';

const PREFIX = 'node-input';
const field = (property: string): JQuery => form.field(PREFIX, property);

/** Whether the node takes its topics from messages: as it stands in its open dialog, else as stored. */
function isDynamic(node: EditorNode): boolean {
  const choice = field('topicType');
  return choice.data('dinox-node') === node.id ? choice.val() === 'dynamic' : Number(node.inputs) === 1;
}

RED.nodes.registerType('dinox-mqtt-in', {
  category: 'DinoX',
  color: '#8cc8a4',
  icon: 'dinox-mqtt-in.svg',
  paletteLabel: 'mqtt in',
  defaults: {
    name: { value: '' },
    topic: {
      value: '',
      validate(value, _options) {
        return isDynamic(this) || form.ruled(rules.filter).call(this, value, _options);
      },
    },
    topicType: { value: '' },
    qos: { value: '2', validate: form.ruled(rules.qos) },
    datatype: { value: 'auto-detect', required: true },
    broker: { value: '', type: 'dinox-broker', required: true },
    nl: { value: false },
    rap: { value: true },
    rh: { value: 0 },
    inputs: { value: 0 },
  },
  inputs: 0,
  outputs: 1,
  label() {
    return String(this.name || (Number(this.inputs) !== 1 && this.topic) || 'mqtt in');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form.addStyle();
    const choice = field('topicType').data('dinox-node', this.id);
    // core keeps the choice in `inputs` alone; a text of its own for the fixed topic stays as it is.
    const fixed = this.topicType === 'dynamic' ? '' : String(this.topicType ?? '');
    choice.children().first().val(fixed);
    choice.val(Number(this.inputs) === 1 ? 'dynamic' : fixed);
    form.fillMissing(this, PREFIX, { qos: '2', datatype: 'utf8', nl: false, rap: false, rh: '0' });
    form.offerTopics(field('topic'), true);

    const look = form.explainFaults(this, PREFIX);
    const update = (): void => {
      const dynamic = isDynamic(this);
      field('inputs').val(dynamic ? 1 : 0);
      for (const property of ['topic', 'qos']) form.showRow(PREFIX, property, !dynamic);
      $('.dinox-form details[data-section=mqtt5]').prop('hidden', dynamic);
      $('#dinox-note-dynamic').prop('hidden', !dynamic);
      $('#dinox-note-version').prop('hidden', form.speaksMqtt5(field('broker').val()));
      look();
    };
    $('.dinox-form').on('input change', update);
    update();
  },
  oneditsave() {
    if (isDynamic(this)) field('topic').val('');
  },
});
