/// <reference path="../../../editor/red.d.ts" />
import './take-over.css';
import { missingTypes, planTakeOver, type TakeOver, takeOver } from './take-over';

const NAMESPACE = '@dinox/node-red-dinox/dinox-broker:dinox-broker.takeOver';
const translate = (key: string, values?: Record<string, unknown>): string =>
  RED._(`${NAMESPACE}.${key}`, values);

const TYPE_TEXT: Readonly<Record<string, string>> = {
  'mqtt-broker': 'mqtt-broker → dinox-broker',
  'mqtt in': 'mqtt in → dinox-mqtt-in',
  'mqtt out': 'mqtt out → dinox-mqtt-out',
};

const MENU_ITEM = 'menu-item-dinox-take-over';

/** The action *DinoX: take over the selected MQTT nodes*, in the list of actions and in the menu *Edit*. */
export function registerTakeOver(): void {
  // The script of a node set may be loaded again, after it was switched off and on.
  RED.actions.remove('dinox:take-over-mqtt');
  RED.actions.add('dinox:take-over-mqtt', ask, { label: translate('action') });
  // Not every page that loads the editor has a menu.
  if (!document.getElementById('menu-item-edit-menu-submenu')) return;
  RED.menu.removeItem(MENU_ITEM);
  RED.menu.addItem('menu-item-edit-menu', {
    id: MENU_ITEM,
    label: translate('action'),
    onselect: 'dinox:take-over-mqtt',
  });
}

/** Shows what would change and what differs, and does it after a confirmation. */
function ask(): void {
  const missing = missingTypes();
  if (missing.length > 0) {
    RED.notify($('<p>').text(translate('off', { types: missing.join(', ') })), 'warning');
    return;
  }
  const selection = RED.view.selection().nodes ?? [];
  const plan = planTakeOver(selection);
  if (plan.nodes.length + plan.brokers.length === 0) {
    const [left] = plan.left;
    const words = left ? leftText(left) : translate(selection.length > 0 ? 'noneSelected' : 'none');
    // A plain string would be read as HTML, and an imported flow's author names its nodes.
    RED.notify($('<p>').text(words), 'warning');
    return;
  }
  const content = $('<div>', { class: 'dinox-take-over', tabindex: 0 }).append(
    ...contentOf(plan, selection.length),
  );
  const close = (): void => void content.dialog('destroy').remove();
  content.dialog({
    title: translate('title'),
    modal: true,
    width: Math.min(620, $(window).width() ?? 620),
    resizable: false,
    closeOnEscape: true,
    classes: { 'ui-dialog': 'red-ui-editor-dialog' },
    close,
    buttons: [
      { text: translate('cancel'), class: 'dinox-take-over-cancel', click: close },
      {
        text: translate('confirm'),
        class: 'primary',
        click: () => {
          close();
          takeOver(plan);
          RED.notify(translate('done', { count: plan.nodes.length + plan.brokers.length }), 'success');
        },
      },
    ],
  });
}

function contentOf(plan: TakeOver, selected: number): JQuery[] {
  const changes = [...plan.brokers, ...plan.nodes].map((node) =>
    $('<li>').append(
      $('<span>').text(nameOf(node)),
      ' ',
      $('<span>', { class: 'dinox-types' }).text(TYPE_TEXT[node.type] ?? node.type),
    ),
  );
  const parts = [
    $('<p>').text(translate(selected > 0 ? 'leadSelected' : 'leadAll')),
    heading('changes', changes.length),
    $('<ul>').append(...changes),
  ];
  if (plan.drawnIn > 0) parts.push($('<p>').text(translate('drawnIn', { count: plan.drawnIn })));
  if (plan.setters.length > 0) {
    parts.push($('<p>').text(translate('handed', { names: plan.setters.map(nameOf).join(', ') })));
  }
  parts.push(heading('kept'), $('<p>').text(translate('keptText')));
  parts.push(heading('differs'), list(differences(plan)));
  if (plan.left.length > 0) parts.push(heading('stays'), list(plan.left.map(leftText)));
  return parts;
}

/** Differences that the flows will notice. */
function differences({ brokers }: TakeOver): string[] {
  const words = ['once', 'queue', 'login', 'unverified'];
  const unverified = brokers.some(
    ({ usetls, verifyservercert, tls }) => usetls === true && verifyservercert === false && !tls,
  );
  return words
    .filter((key) => key !== 'unverified' || unverified)
    .map((key) => translate(`difference.${key}`));
}

function leftText({ node, reason, because }: TakeOver['left'][number]): string {
  return translate(`left.${reason}`, { name: nameOf(node), other: because ? nameOf(because) : '' });
}

function nameOf(node: EditorNode): string {
  const label = RED.utils.getNodeLabel(node, node.id);
  return String(label || node.id);
}

const heading = (key: string, count?: number): JQuery =>
  $('<h3>').text(translate(key, count === undefined ? {} : { count }));
const list = (texts: readonly string[]): JQuery =>
  $('<ul>').append(...texts.map((text) => $('<li>').text(text)));
