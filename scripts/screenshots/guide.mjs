import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../layout.mjs';

const TOPIC = 'home/sensors/temperature/freezer';
const HEIGHT = 500;

/** Four steps of *First alert* on the simulated home, side by side: `docs/images/first-alert.png`. */
export async function takeGuide(browser, url) {
  const context = await browser.newContext({
    viewport: { width: 1_280, height: HEIGHT + 90 },
    locale: 'en-US',
  });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction('window.RED?.nodes?.getType?.("dinox-broker")');
  await page.waitForFunction('!$("#red-ui-loading-progress").is(":visible")');
  await page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
  await page.evaluate("RED.actions.invoke('dinox:first-alert')");
  const pictures = [];
  const take = async () => {
    await page.mouse.move(200, 200);
    await sleep(1_000);
    const box = await page.locator('.dxg').boundingBox();
    const clip = { ...box, height: Math.min(box.height, HEIGHT) };
    pictures.push((await page.screenshot({ clip })).toString('base64'));
  };
  await page.locator('.dxg-choice').first().click();
  const topic = page.locator('.dxg-choice', { hasText: TOPIC });
  await topic.waitFor();
  await page.fill('#dinox-guide-topic', 'temperature');
  await take();
  await topic.click();
  await page.locator('.dxg-day svg').waitFor();
  await page.locator('.dxg-verdict', { hasText: 'fired' }).waitFor();
  await take();
  await page.click('.dxg-next');
  await page.locator('.dxg-qr').waitFor();
  const phone = await context.newPage();
  await phone.goto(`${url}phone/`);
  await phone.fill('form input', 'hello');
  await phone.click('form .button');
  const caller = page.locator('.dxg-choice', { hasText: 'hello' });
  await caller.waitFor();
  await take();
  await caller.click();
  await page.locator('.dxg-said').waitFor();
  await take();
  const images = pictures.map((one) => `<img src="data:image/png;base64,${one}" style="width:309px">`);
  const sheet = await context.newPage();
  await sheet.setContent(
    `<body style="margin:0;padding:4px;display:inline-flex;gap:6px;background:#fff">${images.join('')}`,
  );
  await sheet.waitForFunction('[...document.images].every((one) => one.complete)');
  await sheet.locator('body').screenshot({ path: join(ROOT, 'docs', 'images', 'first-alert.png') });
  await context.close();
  console.log('docs/images/first-alert.png');
}
