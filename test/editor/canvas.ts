/** The canvas and its dialogs under a mouse and a keyboard: what a person does who begins with an empty flow. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * What is wrong with the open dialog, looked at in the page: a tray that is not all in the window, words that are keys,
 * that lack what stands in for a placeholder, or are not there at all.
 */
const FAULTS = `(() => {
  const faults = [];
  const tray = $('.red-ui-tray').last()[0];
  const box = tray.getBoundingClientRect();
  if (box.left < 0 || box.right > innerWidth + 1 || box.width < 100) faults.push('the tray is at ' + box.left + '-' + box.right);
  for (const part of tray.querySelectorAll('.dinox-form details')) part.open = true;
  const isShown = (element) => element.getClientRects().length > 0;
  for (const label of tray.querySelectorAll('.dinox-form .form-row > label, .dinox-form summary, .dinox-form option')) {
    if (label.matches('option') ? label.parentElement.id.endsWith('-broker') : !isShown(label)) continue;
    const { left, right } = label.getBoundingClientRect();
    if (label.textContent.trim() === '') faults.push('no words: ' + label.outerHTML);
    else if (!label.matches('option') && (left < box.left || right > box.right + 1)) faults.push('outside: ' + label.textContent);
  }
  const pen = document.createElement('canvas').getContext('2d');
  for (const one of tray.querySelectorAll('.dinox-form input[placeholder]')) {
    const style = getComputedStyle(one);
    pen.font = style.font;
    const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (isShown(one) && pen.measureText(one.placeholder).width > room + 1) faults.push('cut: ' + one.id + ' ' + one.placeholder);
  }
  for (const label of tray.querySelectorAll('.dinox-form .form-row > label:first-child'))
    if (isShown(label) && label.scrollWidth > label.clientWidth + 1) faults.push('too long a word: ' + label.textContent);
  for (const beside of tray.querySelectorAll('.dinox-form .dinox-inner'))
    if (isShown(beside) && Math.abs(beside.nextElementSibling.offsetTop - beside.parentElement.querySelector('input, select').offsetTop) > 4)
      faults.push('wrapped: ' + beside.textContent);
  const words = [$('.red-ui-tray').last()[0].innerText];
  for (const one of tray.querySelectorAll('[placeholder], [title], [aria-label]'))
    words.push(one.placeholder ?? '', one.getAttribute('title') ?? '', one.getAttribute('aria-label') ?? '');
  const odd = /(dinox-[a-z-]+|xmpp-(in|out))\\.[a-z]+\\w*|__\\w+__|&(#?\\w+);|\\bundefined\\b|\\[object/i;
  for (const word of words) if (odd.test(word)) faults.push('odd words: ' + odd.exec(word)[0]);
  return faults;
})()`;

export class Canvas {
  constructor(private readonly page: Page) {}

  /** Drags a node from the palette to a place in the open flow, in pixels from its corner; gives its id. */
  async drag(type: string, x: number, y: number, intoGroup = false): Promise<string> {
    const { page } = this;
    await this.free();
    const before = await this.ids();
    const entry = page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await entry.scrollIntoViewIfNeeded();
    const from = middle(await entry.boundingBox(), `${type} in the palette`);
    const chart = await this.corner();
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    // jQuery UI begins to drag after a few pixels, and looks for what lies below with each step.
    await page.mouse.move(from.x + 20, from.y + 10);
    await page.mouse.move(chart.x + x, chart.y + y, { steps: 3 });
    if (intoGroup) await page.waitForSelector('.red-ui-flow-group-hovered', { state: 'attached' });
    await page.mouse.up();
    const made = (await this.ids()).filter((id) => !before.includes(id));
    assert.equal(made.length, 1, `dragging ${type} makes one node`);
    return made[0] as string;
  }

  /** Draws a wire from the first output of a node to the input of another. */
  async wire(from: string, to: string): Promise<void> {
    const { mouse } = this.page;
    const port = async (id: string, side: 'input' | 'output') => {
      const place = this.page.locator(`[id="${id}"] .red-ui-flow-port-${side} .red-ui-flow-port`).first();
      return middle(await place.boundingBox(), `the ${side} of ${id}`);
    };
    await this.free();
    const [begin, end] = [await port(from, 'output'), await port(to, 'input')];
    await mouse.move(begin.x, begin.y);
    await mouse.down();
    await mouse.move((begin.x + end.x) / 2, end.y, { steps: 3 });
    await mouse.move(end.x, end.y, { steps: 3 });
    await mouse.up();
  }

  /** Opens a node's dialog, looks at it, and gives nothing back but faults. */
  async open(id: string, how: 'double click' | 'keyboard'): Promise<void> {
    const { x, y } = await this.placeOf(id);
    if (how === 'double click') await this.page.mouse.dblclick(x, y);
    else {
      await this.page.mouse.click(x, y);
      await this.page.keyboard.press('Enter');
    }
    await this.looksRight('#node-dialog-ok', `${how} on ${id}`);
  }

  /** Waits for a tray with this button; all that is in it is to be readable. */
  async looksRight(button: string, what: string): Promise<void> {
    await this.page.waitForSelector(button, { state: 'visible', timeout: 10_000 });
    // It slides; one that failed on its way stays outside.
    await this.page
      .waitForFunction(
        `(() => {
          const box = $('.red-ui-tray').last()[0].getBoundingClientRect();
          const was = window.dinoxTrayWas;
          window.dinoxTrayWas = box.left;
          return was === box.left && box.right <= innerWidth + 1;
        })()`,
        undefined,
        { timeout: 3_000, polling: 40 },
      )
      .catch(() => {});
    assert.deepEqual(await this.page.evaluate(FAULTS), [], what);
  }

  /** Leaves the dialog on top. */
  async leave(button: '#node-dialog-ok' | '#node-dialog-cancel' | '#node-config-dialog-ok'): Promise<void> {
    await this.page.click(button);
    await this.page.waitForSelector(button, { state: 'detached' });
    await this.free();
  }

  async click(id: string): Promise<void> {
    const { x, y } = await this.placeOf(id);
    await this.page.mouse.click(x, y);
  }

  async doubleClick(id: string): Promise<void> {
    const { x, y } = await this.placeOf(id);
    await this.page.mouse.dblclick(x, y);
  }

  /** Presses the button of a node, such as *inject* has. */
  async pressButton(id: string): Promise<void> {
    await this.free();
    const button = this.page.locator(`[id="${id}"] .red-ui-flow-node-button-button`);
    const { x, y } = middle(await button.boundingBox(), `the button of ${id}`);
    // On a small screen Node-RED's notes lie over it until they fade.
    await this.page.waitForFunction(`document.elementFromPoint(${x}, ${y})?.closest('svg')`);
    await this.page.mouse.click(x, y);
  }

  async clickAt(x: number, y: number): Promise<void> {
    const chart = await this.corner();
    await this.page.mouse.click(chart.x + x, chart.y + y);
  }

  /** Lets go of what hangs on the pointer. */
  async dropAt(x: number, y: number): Promise<void> {
    await this.page.waitForFunction('RED.view.state() === RED.state.IMPORT_DRAGGING');
    await this.page.waitForFunction("!$('.ui-widget-overlay').is(':visible')");
    const chart = await this.corner();
    await this.page.mouse.move(chart.x + x, chart.y + y - 10);
    await this.clickAt(x, y);
  }

  /** Shows a flow or a subflow. */
  async show(id: string): Promise<void> {
    await this.page.evaluate(`RED.workspaces.show(${JSON.stringify(id)})`);
  }

  /** A node as the editor holds it. */
  async property(id: string, name: string): Promise<unknown> {
    return this.page.evaluate(`RED.nodes.node(${JSON.stringify(id)}).${name}`);
  }

  /** All nodes of flows. */
  async ids(): Promise<string[]> {
    return (await this.page.evaluate(
      '(() => { const ids = []; RED.nodes.eachNode(({ id }) => { ids.push(id); }); return ids; })()',
    )) as string[];
  }

  /**
   * Until the mouse meets what it aims at: after a dialog or a deploy, whose shades fade, until the tray below has slid
   * back, and until the palette's categories have slid open.
   */
  private async free(): Promise<void> {
    await this.page.waitForFunction(
      "!$('#red-ui-full-shade').is(':visible') && $('#red-ui-palette :animated').length === 0",
    );
    await this.page.waitForFunction(
      "$('.red-ui-tray').length > 0 ? !$('.red-ui-tray').is(':animated') : RED.view.state() === RED.state.DEFAULT && !$('#red-ui-editor-shade').is(':visible')",
    );
  }

  private async placeOf(id: string): Promise<{ x: number; y: number }> {
    await this.free();
    return middle(await this.page.locator(`[id="${id}"] .red-ui-flow-node`).first().boundingBox(), id);
  }

  private async corner(): Promise<Box> {
    const box = await this.page.locator('#red-ui-workspace-chart').boundingBox();
    assert.ok(box, 'a flow is open');
    return box;
  }
}

function middle(box: Box | null, what: string): { x: number; y: number } {
  assert.ok(box, `${what} is drawn`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
