/// <reference path="../../editor/red.d.ts" />
import * as form from '../../editor/form';
import { followBroker } from '../../editor/topics/broker-dialog';
import * as rules from '../../editor/validation';
import { fillAlerts } from './editor/alert-choice';
import { ALERT_FORMATS, moment, recordedFilter } from './editor/fields';
import { RecordedFields } from './editor/recorded-fields';

const PREFIX = 'node-input';
const field = (property: string): JQuery => form.field(PREFIX, property);

/** True if the node reads an alert, as chosen in its open dialog, else as stored. */
function readsAlert(node: EditorNode): boolean {
  const choice = $('#dinox-history-source');
  return choice.data('dinox-node') === node.id ? choice.val() === 'alert' : Boolean(node.alert);
}

RED.nodes.registerType('dinox-history', {
  category: 'DinoX',
  color: '#8cc8a4',
  icon: 'dinox-history.svg',
  paletteLabel: 'history',
  defaults: {
    name: { value: '' },
    broker: {
      type: 'dinox-broker',
      validate(value, _options) {
        if (readsAlert(this)) return true;
        const broker = RED.nodes.node(value);
        return broker ? broker.valid !== false : false;
      },
    },
    alert: {
      value: '',
      validate(value, _options) {
        return !readsAlert(this) || Boolean(value) || form.faultText(this, rules.ownReason('alert'));
      },
    },
    what: { value: 'values' },
    topic: {
      value: '',
      validate(value, _options) {
        return readsAlert(this) || form.ruled(recordedFilter).call(this, value, _options);
      },
    },
    field: { value: '' },
    from: { value: '', validate: form.ruled(moment) },
    to: { value: '', validate: form.ruled(moment) },
    points: { value: '', validate: form.ruled(rules.whole('points')) },
    format: { value: 'chart' },
  },
  inputs: 1,
  outputs: 1,
  label() {
    return String(this.name || this.topic || 'history');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form.chooseOnlyConnection(this, PREFIX, !this.alert);
    form.fillMissing(this, PREFIX, { what: 'values' });
    fillAlerts(this, field('alert'));
    $('#dinox-history-source')
      .data('dinox-node', this.id)
      .val(this.alert ? 'alert' : 'connection');
    const recorded = new RecordedFields(field('topic'), field('field'), () =>
      String(field('broker').val() ?? ''),
    );
    const { chosen, look } = followBroker(this, PREFIX, {
      wildcards: true,
      isTopicShown: () => !readsAlert(this),
      update: () => update(),
      offers: async (text) => (readsAlert(this) ? [] : recorded.offerEntities(text)),
    });
    const update = (): void => {
      const isAlert = readsAlert(this);
      form.showRow(PREFIX, 'broker', !isAlert);
      for (const property of ['alert', 'what']) form.showRow(PREFIX, property, isAlert);
      const isList = isAlert && field('what').val() === 'alerts';
      form.showRow(PREFIX, 'field', !isAlert);
      const format = field('format');
      format.find('option').each((_, option) => {
        const { value } = option as HTMLOptionElement;
        $(option).prop('disabled', isList && value !== '' && !ALERT_FORMATS.includes(value));
      });
      // A select whose chosen option is disabled has no value for jQuery.
      if (isList && format.val() === null) format.val('table');
      chosen.look();
      look();
    };
    update();
  },
  oneditsave() {
    // The editor's own sign for no connection.
    if (readsAlert(this)) field('broker').val('_ADD_');
    else field('alert').val('');
  },
});
