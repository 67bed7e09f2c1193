/** What the suites of the sidebar share: a Node-RED with an editor, a Mosquitto, and ways to find things in the page. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import german from '../../src/plugins/dinox-sidebar/locales/de.json';
import english from '../../src/plugins/dinox-sidebar/locales/en-US.json';
import { putRecord } from '../../src/transport/outbox/journal-record';
import { type NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import { type PathProxy, startPathProxy } from '../support/path-proxy';
import { type Mosquitto, startMosquitto } from '../support/servers/mosquitto';
import { ownFolder } from '../support/servers/process';
import { type Editor, EditorBrowser } from './editor';
import { AXE } from './in-page';
import { coreNodes, house } from './sidebar-flow';

const TEXTS = { 'en-US': english['dinox-sidebar'], de: german['dinox-sidebar'] };
/** Node-RED 5 has a dark theme of its own. */
const LOOKS = { '4': { language: 'en-US', dark: false }, '5': { language: 'de', dark: true } } as const;
export const MAX = 20_000;

export class SidebarPlace {
  readonly texts: (typeof TEXTS)['en-US'];
  mosquitto!: Mosquitto;
  editor!: Editor;
  publisher!: MqttClient;
  /** Node-RED 4 is looked at through it. */
  proxy: PathProxy | undefined;
  private nodeRed: NodeRed | undefined;
  private browser: EditorBrowser | undefined;

  constructor(readonly version: (typeof NODE_RED_VERSIONS)[number]) {
    this.texts = TEXTS[LOOKS[version].language];
  }

  readonly send = (topic: string, payload: string, retain = false): Promise<unknown> =>
    this.publisher.publishAsync(topic, payload, { qos: 1, retain });
  readonly sidebar = () => this.editor.page.locator('.dinox-sidebar').first();
  /** The tile of a topic that is seen, by the words that assistive technology reads: the list keeps hidden ones. */
  readonly tile = (topic: string) =>
    this.editor.page.locator(`.dxs-tile:not([hidden])[aria-label^=${JSON.stringify(`${topic},`)}]`);
  readonly search = () => this.editor.page.locator('.dxs-topics-tools .dxs-search');
  readonly button = (label: string) =>
    this.editor.page.locator(`.dxs-button[aria-label=${JSON.stringify(label)}]:visible`);
  readonly tabOf = (view: 'topics' | 'connections' | 'alerts') =>
    this.editor.page.locator(`#dinox-sidebar-tab-${view}`);

  /** Chooses tiles or the tree in the menu. */
  readonly lay = async (layout: 'tiles' | 'tree'): Promise<void> => {
    await this.button(this.texts.menu).click();
    await this.editor.page.locator(`.dxs-layout-${layout}`).click();
  };

  readonly axe = async (what: string): Promise<void> => {
    assert.deepEqual(await this.editor.faults('.dinox-sidebar'), [], `axe on ${what}`);
  };

  async open(): Promise<void> {
    const { version } = this;
    this.mosquitto = await startMosquitto();
    const { port } = this.mosquitto;
    // What waited when the connection House still named another server.
    const userDir = ownFolder(tmpdir());
    const queues = join(userDir, 'dinox/queues');
    mkdirSync(queues, { recursive: true });
    writeFileSync(join(queues, 'house.server'), 'old.lan');
    const publication = { topic: 'held/gate', payload: 'open', qos: 1, retain: false } as const;
    writeFileSync(join(queues, 'house.log'), putRecord({ number: 1, due: 4e12, publication }));
    [this.nodeRed, this.browser] = await Promise.all([
      startNodeRed({
        version,
        userDir,
        linkPackage: true,
        isNewcomer: true,
        flows: [...house(port), ...coreNodes(port)],
        credentials: { bot: { password: 'x' } },
      }),
      EditorBrowser.launch(),
    ]);
    this.publisher = connect(`mqtt://127.0.0.1:${port}`);
    if (version === '4') this.proxy = await startPathProxy(this.nodeRed.url);
    this.editor = await this.browser.open(this.proxy?.url ?? this.nodeRed.url, LOOKS[version]);
    await this.editor.page.evaluate(AXE);
  }

  async close(): Promise<void> {
    await this.publisher?.endAsync(true);
    await this.browser?.close();
    await this.proxy?.close();
    await this.nodeRed?.stop();
    await this.mosquitto?.stop();
  }
}
