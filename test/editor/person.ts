/** A person at the editor with mouse and keyboard; the page counts clicks and fields that are typed into. */
import assert from 'node:assert/strict';
import { PACKAGE_NAME } from '../support/node-red';
import { Canvas } from './canvas';
import type { Editor } from './editor';

/** A double click counts as two. Lists of a `select` are outside of the page: whoever chooses there is counted by `choose`. */
const COUNTER = `(() => {
  const counted = window.dinoxCounted = { clicks: 0, fields: new Set() };
  addEventListener('pointerdown', (event) => {
    if (event.isTrusted && window.dinoxCounted === counted) counted.clicks += 1;
  }, true);
  addEventListener('input', ({ isTrusted, target }) => {
    const isText = target.matches('textarea, input:not([type=checkbox], [type=radio])');
    if (isTrusted && isText && window.dinoxCounted === counted) counted.fields.add(target);
  }, true);
})()`;

export interface Counted {
  clicks: number;
  /** Fields that were typed into. */
  typed: number;
}

export class Person {
  readonly canvas: Canvas;
  private chosen = 0;

  private constructor(readonly editor: Editor) {
    this.canvas = new Canvas(editor.page);
  }

  /** Counts from zero. */
  static async at(editor: Editor): Promise<Person> {
    await editor.page.evaluate(COUNTER);
    return new Person(editor);
  }

  async counted(): Promise<Counted> {
    const [clicks, typed] = (await this.editor.page.evaluate(
      '[dinoxCounted.clicks, dinoxCounted.fields.size]',
    )) as [number, number];
    return { clicks: clicks + this.chosen, typed };
  }

  /** Menu, Import, Examples, the package, the example, Import. */
  async importExample(name: string): Promise<void> {
    const { page } = this.editor;
    await page.click('#red-ui-header-button-sidemenu');
    await page.click('#menu-item-import');
    await page.click('#red-ui-clipboard-dialog-import-tabs >> text=Examples');
    const tree = page.locator('#red-ui-clipboard-dialog-import-tab-examples .red-ui-treeList-label');
    await tree.filter({ hasText: PACKAGE_NAME }).click();
    await tree.getByText(name, { exact: true }).click();
    await page.click('#red-ui-clipboard-dialog-ok');
    await page.waitForSelector('#red-ui-clipboard-dialog', { state: 'hidden' });
  }

  async openNode(id: string): Promise<void> {
    await this.canvas.doubleClick(id);
    await this.editor.settled('#node-dialog-ok');
  }

  /** The button of an *inject* node. */
  async press(id: string): Promise<void> {
    const answered = this.editor.page.waitForResponse((response) => response.url().includes(`/inject/${id}`));
    await this.canvas.pressButton(id);
    assert.ok((await answered).ok(), `${id} is pressed`);
  }

  /** Types in place of what is in a field. */
  async type(field: string, text: string): Promise<void> {
    const { page } = this.editor;
    await page.click(field);
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
  }

  /** The list of a `select` opens with one click, and a second one chooses. */
  async choose(field: string, label: string): Promise<void> {
    const { page } = this.editor;
    await page.focus(field);
    await page.keyboard.type(label);
    this.chosen += 2;
    assert.equal(await page.locator(`${field} option:checked`).textContent(), label);
  }

  /** Chooses an action from Node-RED's list, with the keyboard alone. */
  async act(label: string): Promise<void> {
    const { page } = this.editor;
    await page.keyboard.press('Control+Shift+P');
    await page.locator('#red-ui-actionList input').waitFor();
    await page.keyboard.type(label.toLowerCase());
    await page.locator('#red-ui-actionList li.selected', { hasText: label }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForSelector('.dinox-sidebar', { state: 'visible' });
  }

  /** Goes on with Tab, or back with Shift+Tab, until this has the keyboard. */
  async tabTo(selector: string, text = '', key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    const { page } = this.editor;
    const isThere = `document.activeElement.matches(${JSON.stringify(selector)}) && document.activeElement.textContent.includes(${JSON.stringify(text)})`;
    for (let pressed = 0; !(await page.evaluate(isThere)); pressed++) {
      assert.ok(pressed < 25, `${selector} ${text} is reached with ${key}`);
      await page.keyboard.press(key);
    }
  }

  /** Opens the tab: Node-RED 4 keeps it among others behind an arrow, unless there is room for its icon. */
  async openSidebar(): Promise<void> {
    const { page } = this.editor;
    const sidebar = page.locator('.dinox-sidebar');
    // Node-RED 5 remembers that it was open.
    if (!(await sidebar.isVisible()))
      await page.locator('#red-ui-tab-dinox-link-button, button[data-tab-id=dinox]').first().click();
    await sidebar.waitFor({ state: 'visible' });
  }
}
