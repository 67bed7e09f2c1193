/** Node-RED's editor in a real browser, in the words of a person who uses it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { ensureChromium } from '../support/chromium';
import type { Flow, FlowNode } from '../support/flows';
import type { Canvas } from './canvas';

const KEEP = process.env.DINOX_SCREENSHOTS;
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];

export interface Look {
  language?: 'en-US' | 'de';
  /** Node-RED 5 has a dark theme of its own. */
  dark?: boolean;
  /** With trays that slide and parts that fade, as a person sees them. @default false: all is in its place at once. */
  moving?: boolean;
  /** The window, in px. @default 1200 × 1000 */
  size?: { width: number; height: number };
}

const SIZE = { width: 1200, height: 1000 };

/** What a dark theme sets: Node-RED 5's own; for Node-RED 4, themes come as plugins and set the same variables. */
const DARK = `html.dinox-dark { color-scheme: dark; --red-ui-primary-background: #15151a;
  --red-ui-secondary-background: #1b1b23; --red-ui-secondary-background-selected: #22222c;
  --red-ui-secondary-background-hover: #1e1e27; --red-ui-primary-text-color: #f0f0f0;
  --red-ui-secondary-text-color: #aaa; --red-ui-secondary-text-color-focus: #ccc;
  --red-ui-secondary-text-color-inactive: #aaa; --red-ui-text-color-error: #ff6369;
  --red-ui-text-color-warning: #f1a10d; --red-ui-text-color-success: #4cc38a; --red-ui-text-color-link: #e84a4a;
  --red-ui-primary-border-color: #252527; --red-ui-secondary-border-color: #252527;
  --red-ui-form-background: #1b1b23; --red-ui-form-text-color: #f0f0f0; --red-ui-form-input-focus-color: #e84a4a;
  --red-ui-form-input-border-color: #2a2a2c; --red-ui-form-input-border-error-color: #e5484d;
  --red-ui-form-input-background: #0e0e12; --red-ui-list-item-background-hover: #1e1e27; }`;

/** One browser for all dialogs of a suite, and the folder for its pictures. */
export class EditorBrowser {
  private constructor(private readonly browser: Browser) {}

  static async launch(): Promise<EditorBrowser> {
    const browser = await chromium.launch({ executablePath: await ensureChromium(), args: ARGS });
    if (KEEP) mkdirSync(KEEP, { recursive: true });
    return new EditorBrowser(browser);
  }

  /** Opens the editor; resolves once it shows the flows. */
  async open(
    url: string,
    { language = 'en-US', dark = false, moving = false, size = SIZE }: Look = {},
  ): Promise<Editor> {
    const context = await this.browser.newContext({ viewport: size, locale: language });
    if (dark) await context.addInitScript("localStorage.setItem('view-dark-theme', 'dark')");
    const editor = new Editor(context, await context.newPage(), moving);
    await editor.load(url);
    return editor;
  }

  /** A page of its own, which is no editor. */
  async page(): Promise<Page> {
    return (await this.browser.newContext({ locale: 'en-US' })).newPage();
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}

export class Editor {
  /** What went wrong in the page; Node-RED writes what a dialog throws to the console. */
  readonly errors: string[] = [];

  constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    private readonly moving: boolean,
  ) {
    page.on('pageerror', (error) => this.errors.push(String(error.stack)));
    page.on('console', (message) => {
      const text = message.text();
      // The catalogue of nodes on the internet is not ours.
      const isOurs = message.type() === 'error' && !/catalogue|ERR_/.test(text);
      if (isOurs || /oneditprepare|oneditsave|Validation error|Unknown type/.test(text))
        this.errors.push(text);
    });
  }

  async load(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.waitForFunction(
      'window.RED && RED.nodes && RED.nodes.getType && RED.nodes.getType("dinox-broker")',
    );
    await this.page.waitForSelector('#red-ui-header-button-deploy');
    await this.page.waitForFunction(
      'document.querySelector("#red-ui-loading-progress") === null || !$("#red-ui-loading-progress").is(":visible")',
    );
    if (this.moving) return;
    await this.page.evaluate('$.fx.off = true');
    await this.page.addStyleTag({ content: '.red-ui-tray { transition: none !important; }' });
  }

  /** Opens the dialog of a node on the canvas. */
  async edit(id: string): Promise<void> {
    await this.page.evaluate(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
    await this.settled('#node-dialog-ok');
  }

  /** Opens the dialog of a broker. */
  async editBroker(id: string): Promise<void> {
    await this.page.evaluate(`RED.editor.editConfig('', 'dinox-broker', ${JSON.stringify(id)})`);
    await this.settled('#node-config-dialog-ok');
  }

  /** Presses the plus beside the connection of a node's dialog, and types where a plain broker is. */
  async typeNewBroker(canvas: Canvas, { host, port }: { host: string; port: number }): Promise<void> {
    await this.page.click('#node-input-btn-broker-add');
    await canvas.looksRight('#node-config-dialog-ok', 'a new connection');
    await this.broker('host').fill(host);
    await this.broker('port').fill(String(port));
    await this.broker('usetls').uncheck();
  }

  /** Waits until a tray stands still, so that clicks meet what they aim at. */
  async settled(button: string): Promise<void> {
    await this.page.waitForSelector(button, { state: 'visible' });
    await this.page.waitForSelector('.dinox-form', { state: 'visible' });
    await this.still();
  }

  /** Resolves once no tray slides any more. */
  private async still(): Promise<void> {
    await this.page.waitForFunction(
      "[...document.querySelectorAll('.red-ui-tray')].every((tray) => tray.getAnimations().length === 0) && !$('.red-ui-tray').is(':animated')",
    );
    await this.page.waitForTimeout(100);
  }

  async press(selector: string): Promise<void> {
    await this.page.click(selector);
    await this.still();
  }

  save = () => this.leave('#node-dialog-ok');
  cancel = () => this.leave('#node-dialog-cancel');
  saveBroker = () => this.leave('#node-config-dialog-ok');
  cancelBroker = () => this.leave('#node-config-dialog-cancel');

  private async leave(button: string): Promise<void> {
    await this.page.click(button);
    await this.page.waitForSelector(button, { state: 'detached' });
    await this.still();
  }

  /** A field of a node's dialog, or of a broker's. */
  node = (property: string) => this.page.locator(`#node-input-${property}`);
  broker = (property: string) => this.page.locator(`#node-config-input-${property}`);

  /** Unfolds sections of the open dialog, all without a name. */
  async unfold(...sections: string[]): Promise<void> {
    await this.page.evaluate(`for (const part of document.querySelectorAll('.dinox-form details')) {
      const wanted = ${JSON.stringify(sections)};
      if (wanted.length === 0 || wanted.includes(part.dataset.section)) part.open = true;
    }`);
  }

  /** The reason that stands below a field; empty where it is accepted. */
  async reasonFor(field: string): Promise<string> {
    return (await this.page.locator(`#${field}-reason`).textContent()) ?? '';
  }

  /** What the editor would export of all flows, as text. */
  async exported(): Promise<string> {
    return (await this.page.evaluate(
      'JSON.stringify(RED.nodes.createCompleteNodeSet({ credentials: false }))',
    )) as string;
  }

  async valueOf(id: string): Promise<FlowNode> {
    const nodes = JSON.parse(await this.exported()) as Flow;
    const found = nodes.find((node) => node.id === id);
    if (!found) throw new Error(`no node ${id}`);
    return found;
  }

  /** Presses Deploy, and confirms where Node-RED asks because something is not set up yet. */
  async deploy(): Promise<void> {
    await this.page.evaluate(
      "window.dinoxDeployed = false; RED.events.on('deploy', () => { window.dinoxDeployed = true; }); $('.red-ui-notification').attr('data-earlier', '')",
    );
    await this.page.click('#red-ui-header-button-deploy');
    // A note that was there before asks something else, and may cover what is pressed.
    const confirm = this.page.locator('.red-ui-notification:not([data-earlier]) button.primary');
    await Promise.race([
      this.page.waitForFunction('window.dinoxDeployed'),
      confirm
        .first()
        .waitFor({ state: 'visible' })
        .then(() => confirm.first().click())
        .catch(() => {}),
    ]);
    await this.page.waitForFunction('window.dinoxDeployed');
    // The shade of the question fades, and takes what is clicked meanwhile.
    await this.page.waitForFunction("!$('#red-ui-full-shade').is(':visible')");
  }

  /** Makes the page dark, or light, as the other theme would. */
  async theme(dark: boolean): Promise<void> {
    await this.page.evaluate(`(() => {
      if (!document.getElementById('dinox-dark')) {
        const style = document.createElement('style');
        style.id = 'dinox-dark';
        style.textContent = ${JSON.stringify(DARK)};
        document.head.append(style);
      }
      const is5 = RED.settings.version.startsWith('5');
      document.documentElement.classList.toggle(is5 ? 'nr-theme-dark' : 'dinox-dark', ${dark});
    })()`);
  }

  /** What axe finds serious or critical below an element, in a light theme and in a dark one; axe is in the page. */
  async faults(below: string): Promise<string[]> {
    const lines: string[] = [];
    const was = await this.page.evaluate("document.documentElement.classList.contains('nr-theme-dark')");
    for (const dark of [!was, Boolean(was)]) {
      await this.theme(dark);
      const found = (await this.page.evaluate(
        `axe.run(${JSON.stringify(below)}, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
      )) as { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
      for (const { id, impact, nodes } of found) {
        if (impact !== 'serious' && impact !== 'critical') continue;
        for (const { html, failureSummary } of nodes)
          lines.push(`${id} (${dark ? 'dark' : 'light'}): ${html}\n${failureSummary}`);
      }
    }
    return lines;
  }

  /** For people who look at them; without `DINOX_SCREENSHOTS` nobody does, and they take half of the time. */
  async picture(name: string): Promise<void> {
    if (KEEP) await this.page.screenshot({ path: join(KEEP, `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
