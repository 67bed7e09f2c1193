/// <reference path="../../editor/red.d.ts" />
import * as form from '../../editor/form';
import * as rules from '../../editor/validation';
import { EntityDialog } from './editor/entity-dialog';
import './editor/entities.css';

const PREFIX = 'node-input';
const KINDS = ['component', 'deviceClass', 'device', 'area', 'pattern'] as const;

/** Names of the chosen entities when they were chosen, by key. */
const namesOf = (node: EditorNode): Record<string, string> =>
  (node.names as Record<string, string> | undefined) ?? {};
const keysOf = (node: EditorNode): string[] =>
  Array.isArray(node.entities) ? node.entities.map(String) : [];

function labelOf(node: EditorNode): string {
  if (node.mode === 'filter') {
    const typed = KINDS.map((kind) => String(node[kind] ?? '').trim()).filter(Boolean);
    return typed.length > 0 ? typed.join(' · ') : node._('dinox-ha-entity.label.every');
  }
  const keys = keysOf(node);
  const [only] = keys;
  if (only === undefined) return 'dinox ha entity';
  return keys.length === 1
    ? (namesOf(node)[only] ?? only)
    : node._('dinox-ha-entity.label.several', { count: keys.length });
}

/** The dialog that is open; its field holds it. */
const DIALOG = 'dinox-entity-dialog';
const openDialog = (): EntityDialog | undefined => form.field(PREFIX, 'search').data(DIALOG);

RED.nodes.registerType('dinox-ha-entity', {
  category: 'DinoX',
  color: '#8cc8a4',
  icon: 'dinox-ha-entity.svg',
  paletteLabel: 'dinox ha entity',
  defaults: {
    name: { value: '' },
    broker: { value: '', type: 'dinox-broker', required: true },
    mode: { value: 'entities' },
    entities: {
      value: [],
      validate(value, _options) {
        if (this.mode === 'filter') return true;
        const isEmpty = !Array.isArray(value) || value.length === 0;
        return isEmpty ? this._('dinox-ha-entity.problem.entitiesEmpty') : true;
      },
    },
    names: { value: {} },
    component: { value: '' },
    deviceClass: { value: '' },
    device: { value: '' },
    area: { value: '' },
    pattern: { value: '' },
    confirm: { value: false },
    timeout: { value: '10s', validate: form.ruled(rules.duration) },
    onlyChanges: { value: false },
    prefix: { value: '', validate: form.ruled(rules.topic) },
  },
  inputs: 1,
  outputs: 1,
  label() {
    return String(this.name || labelOf(this));
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    form.chooseOnlyConnection(this, PREFIX);
    form.fillMissing(this, PREFIX, { mode: 'entities', timeout: '10s' });
    const chosen = new Map(keysOf(this).map((key) => [key, namesOf(this)[key] ?? key]));
    form.field(PREFIX, 'search').data(DIALOG, new EntityDialog(this, PREFIX, chosen));
    form.whenChanged(form.explainFaults(this, PREFIX));
  },
  oneditsave() {
    const dialog = openDialog();
    this.entities = [...(dialog?.chosen.keys() ?? [])];
    this.names = Object.fromEntries(dialog?.chosen ?? []);
    dialog?.close();
  },
  oneditcancel() {
    openDialog()?.close();
  },
});
