/**
 * From an empty canvas: a wildcard, and a node that watches all devices behind it. What is wrong stands in the sidebar,
 * and what was removed is forgotten there.
 */
import assert from 'node:assert/strict';
import { Partner } from '../servers/nodes-support';
import type { NodeRed } from '../support/node-red';
import { startMosquitto } from '../support/servers/index';
import type { Canvas } from './canvas';
import type { Editor } from './editor';

export async function watchesDevices(nodeRed: NodeRed, editor: Editor, canvas: Canvas): Promise<void> {
  const { page } = editor;
  const mosquitto = await startMosquitto();
  const home = await Partner.connect(`mqtt://${mosquitto.host}:${mosquitto.port}`);
  try {
    const all = await canvas.drag('dinox-mqtt-in', 130, 320);
    const alert = await canvas.drag('dinox-alert', 330, 320);
    const seen = await canvas.drag('debug', 560, 320);
    await canvas.wire(all, alert);
    await canvas.wire(alert, seen);
    await canvas.open(all, 'double click');
    await editor.node('topic').fill('#');
    await editor.typeNewBroker(canvas, mosquitto);
    await canvas.leave('#node-config-dialog-ok');
    await canvas.leave('#node-dialog-ok');
    await canvas.open(alert, 'double click');
    assert.equal(await editor.node('batteryBelow').isVisible(), false);
    await editor.node('watch').selectOption('devices');
    assert.equal(await editor.node('condition').isVisible(), false, 'no condition counts');
    assert.equal(await page.locator('#node-input-limit').isVisible(), false);
    await editor.node('digest').fill('25:99');
    assert.match(await editor.reasonFor('node-input-digest'), /time of day such as 08:00/);
    await editor.node('digest').fill('');
    await editor.node('batteryBelow').fill('30');
    await page.locator('#dinox-checks label', { hasText: 'has an update' }).locator('input').uncheck();
    await canvas.looksRight('#node-dialog-ok', 'a node that watches devices');
    await editor.picture('alert-devices-dialog');
    await canvas.leave('#node-dialog-ok');
    assert.deepEqual((await editor.valueOf(alert)).checks, ['offline', 'silent', 'battery', 'signal']);
    assert.equal(await page.evaluate(`RED.nodes.node('${alert}').valid`), true, 'nothing is missing');
    await editor.deploy();
    await nodeRed.until('connected', () => nodeRed.statusesOf(all).at(-1)?.fill === 'green');
    await home.publish('zigbee2mqtt/Front door', JSON.stringify({ battery: 25, linkquality: 100 }));
    await home.publish('tele/washer/LWT', 'Offline', { retain: true });
    await page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
    await page.locator('#dinox-sidebar-tab-alerts').click();
    const card = (text: string) => page.locator('#dinox-sidebar-alerts .dxs-alert', { hasText: text });
    await card('zigbee2mqtt/Front door: battery').waitFor();
    await card('washer: offline').waitFor();
    await editor.picture('alert-devices-open');
    await card('washer: offline').locator('button', { hasText: 'Forget' }).click();
    await card('washer: offline').waitFor({ state: 'detached' });
    await card('zigbee2mqtt/Front door: battery').waitFor();
  } finally {
    await home.end();
    await mosquitto.stop();
  }
}
