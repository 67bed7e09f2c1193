import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../layout.mjs';

/** The nodes as the palette draws them, three beside each other: `docs/images/palette.png`. */
export async function takePalette(page) {
  await page.evaluate("RED.menu.setSelected('menu-item-palette', true)");
  const category = page.locator('.red-ui-palette-category', {
    has: page.locator('[data-palette-type=dinox-alert]'),
  });
  await category.scrollIntoViewIfNeeded();
  const nodes = category.locator('.red-ui-palette-content');
  // The palette has one column, which would be a tall picture of little width.
  await nodes.evaluate((content) => {
    const columns = 'display: grid; grid-template-columns: repeat(3, 160px); justify-items: center;';
    content.style.cssText = `${columns} position: fixed; left: 0; top: 0; z-index: 1000; padding: 6px; background: #f3f3f3;`;
    for (const side of content.children) side.style.display = 'contents';
  });
  await sleep(500);
  await nodes.screenshot({ path: join(ROOT, 'docs', 'images', 'palette.png') });
  console.log('docs/images/palette.png');
}
