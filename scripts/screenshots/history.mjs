import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../layout.mjs';

const BROKER = 'dinox-demo-broker';
const SIZE = { width: 500, height: 300 };

/**
 * The page of the example *history-web-page* on the simulated home, light and dark: `docs/images/history-chart.png`.
 *
 * @param flows of the home
 * @param deploy takes the flows that run from then on
 */
export async function takeHistory(browser, url, flows, deploy) {
  const example = JSON.parse(readFileSync(join(ROOT, 'examples', 'history-web-page.json'), 'utf8'));
  const added = example
    .filter(({ type }) => type !== 'dinox-broker')
    .map((node) => (node.broker ? { ...node, broker: BROKER } : node));
  await deploy([...flows, ...added]);
  const pictures = [];
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: SIZE, locale: 'en-US', colorScheme });
    const page = await context.newPage();
    await page.goto(`${url}temperature`);
    await page.waitForFunction('document.images[0]?.naturalWidth > 0 || document.querySelector("svg path")');
    await sleep(500);
    pictures.push((await page.screenshot()).toString('base64'));
    await context.close();
  }
  const sheet = await browser.newPage({ viewport: { ...SIZE, width: 2 * SIZE.width } });
  const images = pictures.map((one) => `<img src="data:image/png;base64,${one}">`);
  await sheet.setContent(`<body style="margin:0;display:flex">${images.join('')}`);
  await sheet.waitForFunction('[...document.images].every((one) => one.complete)');
  await sheet.screenshot({ path: join(ROOT, 'docs', 'images', 'history-chart.png') });
  await sheet.close();
  await deploy(flows);
  console.log('docs/images/history-chart.png');
}
