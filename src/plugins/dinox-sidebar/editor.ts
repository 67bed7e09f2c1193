/// <reference path="../../editor/red.d.ts" />
import type { Translate } from '../../editor/format';
import { coreTopicCompletions } from './editor/core-topics';
import { red } from './editor/red';
import { Sidebar } from './editor/sidebar';

declare const RED: {
  plugins: {
    registerPlugin(
      id: string,
      definition: {
        type: string;
        onadd?(this: { _: Translate }): void;
        getCompletions?: typeof coreTopicCompletions;
      },
    ): void;
  };
};

RED.plugins.registerPlugin('dinox-sidebar', {
  type: 'dinox',
  onadd() {
    const sidebar = new Sidebar((key, values) => this._(`dinox-sidebar.${key}`, values));
    red().sidebar.addTab({
      id: 'dinox',
      label: this._('dinox-sidebar.tab'),
      name: this._('dinox-sidebar.tab'),
      iconClass: 'fa fa-dashboard',
      content: sidebar.element,
      enableOnEdit: true,
      pinned: true,
      action: 'dinox:show-sidebar',
    });
    red().actions.add('dinox:show-sidebar', () => red().sidebar.show('dinox'));
    red().actions.add(
      'dinox:first-alert',
      () => {
        red().sidebar.show('dinox');
        sidebar.openGuide();
      },
      { label: this._('dinox-sidebar.guide.action') },
    );
  },
});

// Node-RED 4.1 and newer ask plugins of this type in the dialogs of core's MQTT nodes.
RED.plugins.registerPlugin('dinox-core-topics', {
  type: 'node-red-mqtt-topic-autocomplete-source',
  getCompletions: coreTopicCompletions,
});
