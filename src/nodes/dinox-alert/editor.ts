/// <reference path="../../editor/red.d.ts" />
import { CHECKS } from '../../alert/device-check';
import { type LimitField, limitFields, rises } from '../../alert/rules';
import * as form from '../../editor/form';
import { addressRule } from '../../editor/people/find-rules';
import type { WatchShown } from '../../editor/shown-state';
import * as rules from '../../editor/validation';
import { dependsFault } from './editor/depends-fault';
import { DependsList } from './editor/depends-list';
import { checksOf, DeviceChecks } from './editor/device-checks';
import * as fields from './editor/fields';
import { nodeLabel } from './editor/label';
import { limitOf } from './editor/limit-values';
import { DayPreview } from './editor/preview';
import { showQuietWeek } from './editor/quiet-week';

const PREFIX = 'node-input';
const field = (property: string): JQuery => form.field(PREFIX, property);
const LIMIT_FIELDS: readonly LimitField[] = ['limit', 'limit2', 'critical', 'critical2'];
/** The list of what it depends on, and the checks of devices, kept with the open dialog. */
const DEPENDS = 'dinox-depends';
const CHOSEN = 'dinox-checks';
/** What says nothing about devices. */
const FOR_VALUES = [
  'message',
  'condition',
  'hysteresis',
  'keepFor',
  'noDataAfter',
  'noDataAs',
  'history',
  'showInHomeAssistant',
] as const;
const LOOKED_UP = ['msg', 'flow', 'global', 'env'];

/** Fields as they are in the node's open dialog, else as stored. */
function lookOf(node: EditorNode): fields.Look {
  const isOpen = field('condition').data('dinox-node') === node.id;
  return (property) => String((isOpen ? field(property).val() : node[property]) ?? '');
}

/** A field's value in the open dialog, as it would be stored. */
const typed: fields.Look = (property) => {
  const type = String(field('keyByType').val());
  if (property === 'keyBy' && (type === 'topic' || type === 'none')) return type;
  const input = field(property);
  return input.is(':checkbox') ? String(input.prop('checked')) : String(input.val() ?? '');
};

/** The input that people type in: a typedInput has one of its own. */
function inner(property: string): JQuery {
  const own = field(property).next('.red-ui-typedInput-container').find('input').first();
  return own.length > 0 ? own : field(property);
}

/** Puts a value into a field, as if it had been typed. */
function write(property: string, value: string, type = ''): void {
  const input = field(property);
  if (input.next('.red-ui-typedInput-container').length === 0) {
    input.val(value).trigger('change');
    return;
  }
  if (type !== '' && input.typedInput('type') !== type) input.typedInput('type', type);
  input.typedInput('value', value);
}

/** The name of a field. */
const labelOf = (property: string): string => $(`label[for=node-input-${property}]`).text().trim();

/** The field that a typedInput shows has no name and no reason of its own for assistive technology. */
function nameInner(property: string): void {
  const input = field(property);
  inner(property).attr({
    'aria-label': labelOf(property),
    'aria-describedby': input.attr('aria-describedby') ?? null,
    'aria-invalid': input.attr('aria-invalid') ?? 'false',
  });
}

const limit = (property: LimitField): Validator =>
  function (value, _options) {
    const found = fields.limitReason(String(value ?? ''), property, lookOf(this));
    return found ? form.faultText(this, found) : true;
  };

const span = (needed: (look: fields.Look) => boolean): Validator =>
  function (value, _options) {
    const found = fields.span(needed)(String(value ?? ''), lookOf(this));
    return found ? form.faultText(this, found) : true;
  };

RED.nodes.registerType('dinox-alert', {
  category: 'DinoX',
  color: '#8cc8a4',
  icon: 'dinox-alert.svg',
  paletteLabel: 'alert',
  defaults: {
    name: { value: '' },
    watch: { value: 'values' },
    checks: { value: [...CHECKS], validate: (value, _options) => checksOf(value).length > 0 },
    batteryBelow: { value: '20', validate: form.ruled(rules.whole('batteryBelow')) },
    signalBelow: { value: '30', validate: form.ruled(rules.whole('signalBelow')) },
    silentFactor: { value: '3', validate: form.ruled(rules.whole('silentFactor')) },
    silentAtLeast: { value: '10m', validate: form.ruled(fields.duration) },
    digest: { value: '', validate: form.ruled(fields.digest) },
    message: { value: '' },
    condition: { value: 'above' },
    limit: { value: '', validate: limit('limit') },
    limitType: { value: 'num' },
    limit2: { value: '', validate: limit('limit2') },
    limit2Type: { value: 'num' },
    hysteresis: { value: '', validate: form.ruled(fields.hysteresis) },
    holdFor: { value: '', validate: form.ruled(fields.duration) },
    keepFor: { value: '', validate: form.ruled(fields.duration) },
    critical: { value: '', validate: limit('critical') },
    criticalType: { value: 'num' },
    critical2: { value: '', validate: limit('critical2') },
    critical2Type: { value: 'num' },
    rateWindow: { value: '1m', validate: span((look) => fields.conditionOf(look) === 'rate') },
    property: { value: 'payload' },
    propertyType: { value: 'msg' },
    keyBy: { value: 'topic' },
    keyByType: { value: 'topic' },
    unit: { value: '' },
    decimalComma: { value: false },
    noDataAfter: {
      value: '',
      validate: span((look) => !fields.isForDevices(look) && look('condition') === 'nodata'),
    },
    noDataAs: { value: 'alert' },
    broker: { type: 'dinox-broker', required: false },
    publishAlerts: { value: false },
    repeatEvery: { value: '', validate: form.ruled(fields.duration) },
    escalateAfter: { value: '', validate: form.ruled(fields.duration) },
    escalateTo: { value: '', validate: form.ruled(addressRule('recipients')) },
    dependsOn: {
      value: [],
      validate(value, _options) {
        const reason = dependsFault(this.id, value, String(this.broker ?? ''));
        return reason ? form.faultText(this, reason) : true;
      },
    },
    cooldown: { value: '', validate: form.ruled(fields.duration) },
    groupWait: { value: '', validate: form.ruled(fields.duration) },
    quietHours: { value: '', validate: form.ruled(fields.quietHours) },
    quietPass: { value: 'critical' },
    timeZone: { value: '', validate: form.ruled(fields.timeZone) },
    flapCount: { value: '', validate: form.ruled(rules.whole('flapCount')) },
    flapWindow: { value: '10m', validate: form.ruled(fields.duration) },
    sendResolved: { value: true },
    chatControl: { value: false },
    showInHomeAssistant: { value: false },
    history: { value: '24h' },
    persist: { value: true },
    confirm: { value: 'auto' },
    maxKeys: { value: '10000', validate: form.ruled(rules.whole('maxKeys')) },
  },
  inputs: 1,
  outputs: 3,
  label() {
    const look: fields.Look = (property) => String(this[property] ?? '');
    return String(this.name || nodeLabel(this, look, (key) => this._(`dinox-alert.${key}`)) || 'alert');
  },
  outputLabels(index) {
    return this._(`dinox-alert.output.${['alerts', 'samples', 'answers'][index]}`);
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form.chooseOnlyConnection(this, PREFIX);
    form.fillMissing(this, PREFIX, {
      watch: 'values',
      batteryBelow: '20',
      signalBelow: '30',
      silentFactor: '3',
      silentAtLeast: '10m',
      condition: 'above',
      rateWindow: '1m',
      property: 'payload',
      noDataAs: 'alert',
      quietPass: 'critical',
      flapWindow: '10m',
      sendResolved: true,
      history: '24h',
      persist: true,
      confirm: 'auto',
      maxKeys: '10000',
    });
    field('condition').data('dinox-node', this.id);
    for (const property of LIMIT_FIELDS) {
      const typeField = field(`${property}Type`);
      const type = String(this[`${property}Type`] ?? 'num') || 'num';
      typeField.val(type);
      field(property).typedInput({ default: type, typeField, types: ['num', 'str', ...LOOKED_UP] });
      // It hands its value over only when it loses the focus, but reasons show while somebody types.
      const own = inner(property);
      own.on('input', () => field(property).val(String(own.val() ?? '')));
    }
    const message = { value: 'msg', label: 'msg.', hasValue: true };
    field('property').typedInput({
      default: String(this.propertyType || 'msg'),
      typeField: field('propertyType'),
      types: [message, 'jsonata'],
    });
    field('keyBy').typedInput({
      default: keyType(this),
      typeField: field('keyByType'),
      types: [
        { value: 'topic', label: this._('dinox-alert.option.topic'), hasValue: false },
        { value: 'none', label: this._('dinox-alert.option.oneForAll'), hasValue: false },
        message,
        'jsonata',
      ],
    });

    const look = form.explainFaults(this, PREFIX);
    const watchShown = RED.nodes.getType('dinox-broker')?.watchShown as WatchShown | undefined;
    watchShown?.(field('showInHomeAssistant'), () => String(field('broker').val() ?? ''));
    const place = document.getElementById('dinox-depends-list');
    const translate = (key: string): string => this._(`dinox-alert.${key}`);
    const ownBroker = (): string => String(field('broker').val() ?? '').replace('_ADD_', '');
    const depends = place ? new DependsList(this, place, translate, ownBroker) : undefined;
    if (depends) field('condition').data(DEPENDS, depends);
    const checks = document.getElementById('dinox-checks');
    if (checks) field('condition').data(CHOSEN, new DeviceChecks(checks, checksOf(this.checks), translate));
    let preview: DayPreview | undefined;
    const update = (): void => {
      const isForDevices = fields.isForDevices(typed);
      $('#dinox-watch-devices').prop('hidden', !isForDevices);
      for (const section of ['value', 'homeAssistant'])
        $(`.dinox-form details[data-section=${section}]`).prop('hidden', isForDevices);
      const condition = fields.conditionOf(typed);
      const needed = limitFields(condition);
      for (const property of LIMIT_FIELDS) form.showRow(PREFIX, property, needed.includes(property));
      const isBelow = condition === 'outside' || !rises(condition, limitOf(typed, 'limit') ?? 0);
      $('#dinox-critical-above').prop('hidden', isBelow);
      $('#dinox-critical-below').prop('hidden', !isBelow);
      const isNumeric = !fields.isOnText(condition) && condition !== 'nodata';
      form.showRow(PREFIX, 'hysteresis', isNumeric);
      form.showRow(PREFIX, 'holdFor', condition !== 'nodata');
      form.showRow(PREFIX, 'keepFor', condition !== 'nodata');
      form.showRow(PREFIX, 'rateWindow', condition === 'rate');
      for (const note of ['rate', 'nodata'])
        $(`#dinox-note-${note}`).prop('hidden', isForDevices || condition !== note);
      if (isForDevices) form.showRow(PREFIX, 'holdFor', true);
      for (const property of FOR_VALUES)
        if (isForDevices || !['hysteresis', 'keepFor'].includes(property))
          form.showRow(PREFIX, property, !isForDevices);
      form.digest('nodata', String(field('noDataAfter').val() ?? ''));
      const quietHours = String(field('quietHours').val() ?? '');
      form.digest('people', quietHours);
      const week = document.getElementById('dinox-quiet-week');
      if (week) showQuietWeek(week, quietHours, translate);
      depends?.explain();
      look();
      for (const property of ['limit', 'limit2', 'critical', 'property', 'keyBy']) nameInner(property);
      preview?.changed();
    };
    form.whenChanged(update);
    // For conditions on text, Node-RED must not check for a number.
    field('condition').on('change', () => {
      const isText = fields.isOnText(String(field('condition').val()));
      if (isText && field('limit').typedInput('type') === 'num') field('limit').typedInput('type', 'str');
      if (!isText && field('limit').typedInput('type') === 'str') field('limit').typedInput('type', 'num');
    });
    update();
    const chart = document.getElementById('dinox-alert-preview');
    const all = (): string => JSON.stringify(Object.keys(this._def.defaults).map(typed));
    const before = all();
    if (chart) {
      preview = new DayPreview({
        node: this,
        place: chart,
        look: typed,
        write,
        label: labelOf,
        message: field('message'),
        said: document.getElementById('dinox-alert-said'),
        offer: (property, text) => inner(property).attr('placeholder', text),
        isChanged: () => all() !== before,
      });
    }
  },
  oneditsave() {
    const depends: DependsList | undefined = field('condition').data(DEPENDS);
    if (depends) this.dependsOn = depends.value;
    const checks: DeviceChecks | undefined = field('condition').data(CHOSEN);
    if (checks) this.checks = checks.value;
    const type = String(field('keyByType').val());
    if (type === 'topic' || type === 'none') field('keyBy').val(type);
  },
});

/** The type of `keyBy`; in a flow made by hand only `keyBy` itself may tell it. */
function keyType({ keyBy, keyByType }: EditorNode): string {
  if (keyByType === 'msg' || keyByType === 'jsonata') return keyByType;
  return keyBy === 'none' || keyByType === 'none' ? 'none' : 'topic';
}
