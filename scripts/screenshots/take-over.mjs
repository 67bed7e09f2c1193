import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../layout.mjs';

/** A flow as it is found: Node-RED's own MQTT nodes, and something between them. */
const FLOW = [
  { id: 'core-broker', type: 'mqtt-broker', name: 'Cellar', broker: '127.0.0.1', port: '1883' },
  {
    ...{
      id: 'core-in',
      type: 'mqtt in',
      x: 200,
      y: 60,
      topic: 'cellar/pump',
      qos: '1',
      datatype: 'auto-detect',
    },
    ...{ broker: 'core-broker', wires: [['core-between']] },
  },
  { id: 'core-between', type: 'delay', x: 380, y: 60, wires: [['core-out']] },
  {
    id: 'core-out',
    type: 'mqtt out',
    x: 560,
    y: 60,
    topic: 'cellar/light/set',
    broker: 'core-broker',
    wires: [],
  },
];

/** The dialog that says what changes before Node-RED's own MQTT nodes are replaced: `docs/images/take-over.png`. */
export async function takeTakeOver(page) {
  await page.setViewportSize({ width: 1_280, height: 800 });
  await page.evaluate(`(() => {
    RED.nodes.import([{ id: 'core-tab', type: 'tab', label: 'Cellar' },
      ...${JSON.stringify(FLOW)}.map((one) => ('x' in one ? { ...one, z: 'core-tab' } : one))]);
    RED.workspaces.show('core-tab');
    RED.view.select({ nodes: ['core-in', 'core-out'].map((id) => RED.nodes.node(id)) });
    RED.actions.invoke('dinox:take-over-mqtt');
  })()`);
  await page.locator('.dinox-take-over').waitFor();
  await sleep(1_000);
  const dialog = page.locator('.ui-dialog', { has: page.locator('.dinox-take-over') });
  await dialog.screenshot({ path: join(ROOT, 'docs', 'images', 'take-over.png') });
  await dialog.locator('.ui-dialog-buttonpane button').first().click();
  console.log('docs/images/take-over.png');
}
