/// <reference path="../../editor/red.d.ts" />
import * as form from '../../editor/form';
import { followBroker } from '../../editor/topics/broker-dialog';
import * as rules from '../../editor/validation';

const PREFIX = 'node-input';
const field = (property: string): JQuery => form.field(PREFIX, property);

RED.nodes.registerType('dinox-mqtt-out', {
  category: 'DinoX',
  color: '#8cc8a4',
  icon: 'dinox-mqtt-out.svg',
  paletteLabel: 'dinox mqtt out',
  defaults: {
    name: { value: '' },
    topic: { value: '', validate: form.ruled(rules.topic) },
    qos: { value: '', validate: form.ruled(rules.whole('qos')) },
    dropOffline: { value: false },
    retain: { value: '' },
    respTopic: { value: '', validate: form.ruled(rules.topic) },
    contentType: { value: '' },
    userProps: { value: '', validate: form.ruled(rules.userProperties) },
    correl: { value: '' },
    expiry: { value: '', validate: form.ruled(rules.whole('expiry')) },
    waitResponse: { value: false },
    responseTimeout: { value: '10s', validate: form.ruled(rules.duration) },
    respond: { value: false },
    padding: { value: false },
    outputs: { value: 0 },
    broker: { value: '', type: 'dinox-broker', required: true },
  },
  inputs: 1,
  outputs: 0,
  align: 'right',
  label() {
    return String(this.name || this.topic || this._('dinox-mqtt-out.label.dynamicNode'));
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form.chooseOnlyConnection(this, PREFIX);
    // Flows made by hand hold a boolean where the editor stores text.
    field('retain').val(String(this.retain ?? ''));
    form.jsonField(field('userProps'), this.userProps, this._('dinox-mqtt-out.option.none'));
    form.offer(field('contentType'), form.CONTENT_TYPES);

    form.fillMissing(this, PREFIX, { responseTimeout: '10s' });
    const { chosen, limits, look } = followBroker(this, PREFIX, {
      wildcards: false,
      isTopicShown: () => true,
      update: () => update(),
    });
    const isSet = (...properties: string[]): boolean =>
      properties.some((property) => String(field(property).val() ?? '') !== '');
    const update = (): void => {
      const waits = field('waitResponse').prop('checked') === true;
      field('outputs').val(waits ? 1 : 0);
      form.showRow(PREFIX, 'responseTimeout', waits);
      // Above QoS 0 everything waits, and so does a request.
      form.showRow(PREFIX, 'dropOffline', !waits && !['1', '2'].includes(String(field('qos').val() ?? '')));
      chosen.look();
      limits.qos(chosen.info);
      limits.retain(chosen.info);
      limits.version5('request', chosen.info, chosen.brokerId, waits || field('respond').prop('checked'));
      const used = isSet('contentType', 'userProps', 'respTopic', 'correl', 'expiry');
      limits.version5('mqtt5', chosen.info, chosen.brokerId, used);
      look();
    };
    update();
  },
  oneditsave() {
    field('userProps').val(form.jsonValue(field('userProps')));
  },
});
