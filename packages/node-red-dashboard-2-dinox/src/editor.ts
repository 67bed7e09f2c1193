/// <reference path="../../../src/editor/red.d.ts" />
import { filterFault } from '../../../src/topics/filter';

/** Dashboard's own button for a size, which its base brings. */
interface Sizer {
  elementSizer?(options: { width: string; height: string; group: string }): void;
}

RED.nodes.registerType('ui-dinox-tiles', {
  category: 'dashboard 2',
  color: '#8cc8a4',
  icon: 'font-awesome/fa-th-large',
  paletteLabel: 'dinox tiles',
  defaults: {
    name: { value: '' },
    group: { type: 'ui-group', required: true },
    order: { value: 0 },
    width: { value: 6 },
    height: { value: 6 },
    broker: { type: 'dinox-broker', required: true },
    topics: {
      value: '',
      validate(value, _options) {
        const filters = String(value ?? '')
          .split('\n')
          .map((filter) => filter.trim())
          .filter(Boolean);
        return filters.length > 0 && filters.every((filter) => filterFault(filter) === undefined);
      },
    },
    className: { value: '' },
  },
  inputs: 0,
  outputs: 0,
  label() {
    return String(this.name || this._('ui-dinox-tiles.label.self'));
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    const size = $('#node-input-size') as unknown as Sizer;
    size.elementSizer?.({
      width: '#node-input-width',
      height: '#node-input-height',
      group: '#node-input-group',
    });
  },
});
