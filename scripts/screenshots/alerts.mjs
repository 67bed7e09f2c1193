/** The alerts tab with an open alert, and with what is watched and what is over, `docs/images/sidebar-alerts*.png`. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../layout.mjs';

const IMAGES = join(ROOT, 'docs', 'images');
/** The freezer warms up slowly, and the alert has a hold time. */
const WAIT = 120_000;

/**
 * @param page the editor with the sidebar, on the simulated home
 * @param publish sends a payload on a topic of the home
 */
export async function takeAlerts(page, publish) {
  const tab = page.locator('#dinox-sidebar-alerts');
  const shot = async (name) => {
    await sleep(1_000);
    const path = join(IMAGES, `${name}.png`);
    await page.locator('.dinox-sidebar').first().screenshot({ path });
    console.log(`docs/images/${name}.png`);
  };
  await page.setViewportSize({ width: 1_280, height: 560 });
  await page.click('#dinox-sidebar-tab-alerts');
  await publish('home/actuators/door/freezer/set', 'OPEN');
  const freezer = tab.locator('.dxs-alert', { hasText: 'freezer' });
  await freezer.locator('.dxs-spark-line[d^="M"]').waitFor({ timeout: WAIT });
  await freezer.locator('.dxs-silence > summary').click();
  await shot('sidebar-alerts');
  await publish('home/actuators/door/freezer/set', 'CLOSE');
  await freezer.waitFor({ state: 'detached', timeout: WAIT });
  await tab.locator('.dxs-watched > summary').click();
  await tab.locator('.dxs-past > summary').click();
  await tab.locator('.dxs-past li').first().waitFor();
  await page.setViewportSize({ width: 1_280, height: 900 });
  await shot('sidebar-alerts-past');
}
