/** The canvas under a mouse and a keyboard: what a person does who begins with an empty flow. */
import type { Page } from 'playwright-core';

export class Canvas {
  constructor(private readonly page: Page) {}

  /** Drags a node from the palette to a place in the open flow, in pixels from its corner; gives its id. */
  async drag(type: string, x: number, y: number): Promise<string> {
    const { page } = this;
    const before = await this.ids();
    const entry = page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await entry.scrollIntoViewIfNeeded();
    const from = await entry.boundingBox();
    const chart = await this.corner();
    if (!from) throw new Error(`${type} is not in the palette`);
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    // jQuery UI begins to drag after a few pixels, and looks for what lies below with each step.
    await page.mouse.move(from.x + from.width / 2 + 20, from.y + from.height / 2 + 10);
    await page.mouse.move(chart.x + x, chart.y + y, { steps: 3 });
    await page.mouse.up();
    const made = (await this.ids()).filter((id) => !before.includes(id));
    if (made.length !== 1) throw new Error(`dragging ${type} made ${made.length} nodes`);
    return made[0] as string;
  }

  /** A double click on a node. */
  async doubleClick(id: string): Promise<void> {
    const { x, y } = await this.middle(id);
    await this.page.mouse.dblclick(x, y);
  }

  async click(id: string): Promise<void> {
    const { x, y } = await this.middle(id);
    await this.page.mouse.click(x, y);
  }

  /** Where a node is on the screen; it is brought there. */
  private async middle(id: string): Promise<{ x: number; y: number }> {
    const box = await this.page.locator(`[id="${id}"]`).boundingBox();
    if (!box) throw new Error(`${id} is not drawn`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  private async corner(): Promise<{ x: number; y: number }> {
    const box = await this.page.locator('#red-ui-workspace-chart').boundingBox();
    if (!box) throw new Error('no flow is open');
    return box;
  }

  private async ids(): Promise<string[]> {
    return (await this.page.evaluate(
      '(() => { const ids = []; RED.nodes.eachNode(({ id }) => { ids.push(id); }); return ids; })()',
    )) as string[];
  }
}
