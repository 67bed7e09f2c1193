/// <reference path="../../editor/red.d.ts" />
import type { Translate } from '../../editor/format';
import { coreTopicCompletions } from './editor/core-topics';
import { joinImports } from './editor/one-connection';
import { red } from './editor/red';
import { Sidebar } from './editor/sidebar';
import { Welcome } from './editor/welcome';

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

/** *Enter* that chose an action from Node-RED's list would also press the button that gets the keyboard then. */
function endKey(): void {
  if (window.event instanceof KeyboardEvent) window.event.preventDefault();
}

RED.plugins.registerPlugin('dinox-sidebar', {
  type: 'dinox',
  onadd() {
    const translate: Translate = (key, values) => this._(`dinox-sidebar.${key}`, values);
    const sidebar = new Sidebar(translate);
    red().sidebar.addTab({
      id: 'dinox',
      label: translate('tab'),
      name: translate('tab'),
      iconClass: 'fa fa-dashboard',
      content: sidebar.element,
      enableOnEdit: true,
      pinned: true,
      action: 'dinox:show-sidebar',
    });
    const open = () => red().sidebar.show('dinox');
    const begin = () => {
      endKey();
      open();
      sidebar.openGuide();
    };
    // Somebody who opens it with the keyboard goes on in it.
    const enter = () => {
      endKey();
      open();
      sidebar.focus();
    };
    red().actions.add('dinox:show-sidebar', enter, { label: translate('open') });
    red().actions.add('dinox:first-alert', begin, { label: translate('guide.action') });
    joinImports(translate);
    new Welcome(translate, { open, begin }).start();
  },
});

// Node-RED 4.1 and newer ask plugins of this type in the dialogs of core's MQTT nodes.
RED.plugins.registerPlugin('dinox-core-topics', {
  type: 'node-red-mqtt-topic-autocomplete-source',
  getCompletions: coreTopicCompletions,
});
