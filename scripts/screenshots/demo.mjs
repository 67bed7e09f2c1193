/** Editor and phone of `npm start` side by side: a picture, and the animated one of README.md. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../layout.mjs';
import { animate } from './apng.mjs';

const IMAGES = join(ROOT, 'docs', 'images');
const WIDTH = 1_120;
const HEIGHT = 600;
/** Both are drawn smaller, so that they have room beside each other. */
const SCALE = 0.72;
const PHONE = 290;
/** Bytes of the animated picture. */
const MAX_BYTES = 400_000;

const frame = (name, src, width) =>
  `<div style="width:${width}px;height:${HEIGHT}px;overflow:hidden"><iframe name="${name}" src="${src}" style="border:0;width:${width / SCALE}px;height:${HEIGHT / SCALE}px;transform:scale(${SCALE});transform-origin:0 0"></iframe></div>`;
const SIDE_BY_SIDE = `<!doctype html><body style="margin:0;display:flex;gap:8px;background:#57606e">${frame('editor', '/', WIDTH - PHONE - 8)}${frame('phone', '/phone/', PHONE)}`;

/** The freezer, from a closed door to an edited message; then a question and an order. */
export async function takeDemo(browser, url) {
  const context = await browser.newContext({ viewport: { width: WIDTH, height: HEIGHT }, locale: 'en-US' });
  const page = await context.newPage();
  await page.route(`${url}side-by-side`, (route) =>
    route.fulfill({ contentType: 'text/html', body: SIDE_BY_SIDE }),
  );
  await page.goto(`${url}side-by-side`);
  const editor = page.frame('editor');
  const phone = page.frame('phone');
  if (!editor || !phone) throw new Error('no frames');
  await editor.waitForFunction('window.RED?.nodes?.getType?.("dinox-broker")');
  await editor.waitForFunction('!$("#red-ui-loading-progress").is(":visible")');
  await editor.evaluate("RED.menu.setSelected('menu-item-palette', false)");
  await editor.locator('.dxs-tile').first().waitFor();
  await editor.fill('.dxs-topics-tools .dxs-search', 'temperature');
  const alert = phone.locator('.message.house', { hasText: 'is above -15' });
  const frames = [];
  const region = { x: WIDTH - PHONE, y: 0, width: PHONE, height: HEIGHT };
  const take = async (ms) => {
    await sleep(600);
    frames.push(
      frames.length === 0
        ? { png: await page.screenshot(), ms }
        : { png: await page.screenshot({ clip: region }), x: region.x, y: region.y, ms },
    );
  };
  const say = async (text, answer) => {
    await phone.fill('form input', text);
    await take(700);
    await phone.click('form .button');
    await phone.locator('.message.house', { hasText: answer }).last().waitFor();
    await take(1_900);
  };
  await take(1_500);
  await alert.first().waitFor({ timeout: 60_000 });
  await take(2_200);
  await alert.first().locator('.react').first().click();
  await alert.first().locator('.edited').waitFor();
  await take(2_600);
  await page.screenshot({ path: join(IMAGES, 'demo.png') });
  await say('temperature?', 'Answer with a number');
  await say('light living room on', '✔ light living room');
  const animated = animate(frames);
  if (animated.length > MAX_BYTES) throw new Error(`demo-animated.png has ${animated.length} bytes`);
  writeFileSync(join(IMAGES, 'demo-animated.png'), animated);
  await context.close();
  console.log(`docs/images/demo.png, docs/images/demo-animated.png (${animated.length} bytes)`);
}
