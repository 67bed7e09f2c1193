import { join } from 'node:path';
import { ROOT } from '../layout.mjs';

/** The page for phones, light and dark: `docs/images/phone-page….png`. */
export async function takePhone(browser, url) {
  for (const [name, colorScheme] of [
    ['phone-page', 'light'],
    ['phone-page-dark', 'dark'],
  ]) {
    const context = await browser.newContext({
      viewport: { width: 360, height: 740 },
      deviceScaleFactor: 2,
      locale: 'en-US',
      colorScheme,
    });
    const page = await context.newPage();
    await page.goto(`${url}dinox/home/`);
    await page.waitForSelector('.tile .line[d^="M"]', { state: 'attached' });
    await page.screenshot({ path: join(ROOT, 'docs', 'images', `${name}.png`) });
    await context.close();
  }
  console.log('docs/images/phone-page.png, docs/images/phone-page-dark.png');
}
