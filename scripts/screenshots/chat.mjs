import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../layout.mjs';

const IMAGES = join(ROOT, 'docs', 'images');
const BROKER = 'dinox-demo-broker';

/** Publishes, retained, what bots of a house would say of themselves; two of them are alive. */
async function announceBots(url) {
  const time = new Date().toISOString();
  const bot = (id, name, status, received, sent) => ({
    ...{ id, name, status, since: time, interval: 300, version: '0.1.0' },
    ...(status !== 'offline' && { time, received, sent, errors: 0 }),
  });
  for (const one of [
    bot('kitchen', 'Kitchen bot', 'online', 1_024, 17),
    bot('garden', 'Garden', 'offline', 0, 0),
    bot('pager', 'Pager', 'error', 12, 3),
  ]) {
    const message = { topic: `dinox/bots/status/${one.id}`, payload: JSON.stringify(one), retain: true };
    const answer = await fetch(new URL(`dinox/brokers/${BROKER}/publish`, url), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(message),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
}

/** The dialog of a node that is not there yet, filled in: `docs/images/NAME.png`. */
async function takeDialog(page, name, type, values) {
  const node = { id: `dinox-picture-${name}`, type, x: 200, y: 900, wires: [], broker: BROKER, ...values };
  await page.evaluate(`(() => {
    RED.nodes.import([{ ...${JSON.stringify(node)}, z: RED.workspaces.active() }]);
    RED.editor.edit(RED.nodes.node('${node.id}'));
  })()`);
  await page.waitForSelector('#node-input-broker', { state: 'visible' });
  await sleep(1_000);
  // The simulated home may have no account; a reader's connection has one.
  await page.evaluate(
    "$('.dinox-form .dinox-note').filter((_, note) => /account/.test(note.textContent)).hide()",
  );
  await page
    .locator('.red-ui-tray')
    .last()
    .screenshot({ path: join(IMAGES, `${name}.png`) });
  await page.click('#node-dialog-cancel');
  await sleep(500);
}

/** Bots in the sidebar, a rule of a bridge, and a chat message that wakes a phone, as the manual shows them. */
export async function takeChat(page, url) {
  await announceBots(url);
  await page.setViewportSize({ width: 1_280, height: 1_150 });
  await page.click('#dinox-sidebar-tab-connections');
  await page.locator('.dinox-sidebar', { hasText: 'Pager' }).first().waitFor();
  await sleep(1_500);
  await page
    .locator('.dinox-sidebar')
    .first()
    .screenshot({ path: join(IMAGES, 'bots.png') });
  const rule = {
    ...{ to: 'house@rooms.example.org', direction: 'both', filter: 'home/sensors/#', format: 'short' },
    ...{ topic: 'home/announcements', allow: 'anna@example.org', rate: '6', kind: 'groupchat', alias: '' },
  };
  await page.setViewportSize({ width: 1_280, height: 900 });
  await takeDialog(page, 'bridge', 'dinox-bridge', { rules: [rule] });
  const out = { to: 'anna@example.org', kind: 'auto', format: 'payload', notify: true, rate: 20 };
  await page.setViewportSize({ width: 1_280, height: 980 });
  await takeDialog(page, 'xmpp-out', 'xmpp-out', out);
  console.log('docs/images/bots.png, docs/images/bridge.png, docs/images/xmpp-out.png');
}
