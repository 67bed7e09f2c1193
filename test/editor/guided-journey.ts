/** *First alert*, step by step, with the clicks counted: from nothing to an alert that is acknowledged on the phone. */
import assert from 'node:assert/strict';
import english from '../../src/plugins/dinox-sidebar/locales/en-US.json';
import type { Flow } from '../support/flows';
import type { NodeRed } from '../support/node-red';
import type { XmppPeer } from '../support/xmpp-peer';
import { doorsJourney, type Words } from './doors-journey';
import type { Editor } from './editor';

export const TOPIC = 'home/sensors/temperature/freezer';

export interface GuidedJourney {
  nodeRed: NodeRed;
  version: string;
  person: Person;
  account: { jid: string; password: string };
  phone: XmppPeer;
  /** Texts that came to the phone. */
  bodies(): string[];
  /** Publishes JSON that the server keeps. */
  send(topic: string, payload: object): Promise<unknown>;
  /** Called at each step. */
  look(): Promise<void>;
  words?: Words | undefined;
}

/** A person at the editor, who counts. */
export class Person {
  clicks = 0;
  typed = 0;

  constructor(readonly editor: Editor) {}

  async click(selector: string): Promise<void> {
    await this.editor.page.click(selector, { timeout: 45_000 });
    this.clicks += 1;
  }

  async type(selector: string, text: string): Promise<void> {
    await this.editor.page.locator(selector).pressSequentially(text);
    this.typed += 1;
  }
}

export async function guidedJourney(journey: GuidedJourney): Promise<void> {
  const { nodeRed, person, account, phone: peer, bodies, version } = journey;
  const { guide: words } = journey.words ?? english['dinox-sidebar'];
  const { jid, password } = account;
  const send = (value: number) => journey.send(TOPIC, { value, unit: '°C' });
  const { editor } = person;
  await send(-18.4);
  const look = async (step: string): Promise<void> => {
    await journey.look();
    await editor.picture(`${version}-first-${step}`);
  };
  // At its usual width Node-RED 4 keeps the tab in a menu; Node-RED 5 remembers that it was open.
  const start = editor.page.locator('.dxs-start');
  if (version === '4') {
    await person.click('.red-ui-tab-link-button-menu');
    await person.click('.red-ui-menu-dropdown:visible a:has-text("DinoX")');
  } else if (!(await start.isVisible())) await person.click('button[data-tab-id=dinox]');
  await editor.page.waitForSelector('.dxs-start', { state: 'visible' });
  await look('0-sidebar');
  await person.click('.dxs-start');
  await look('1-account');
  await person.type('#dinox-guide-jid', jid);
  await person.type('#dinox-guide-password', password);
  await person.click('.dxg-next');
  const wanted = `.dxg-choice:has-text("${TOPIC}")`;
  await editor.page.waitForSelector(`${wanted}, .dxg-told[data-fault=true]`, { timeout: 45_000 });
  const fault = await editor.page.locator('.dxg-told[data-fault=true]').allTextContents();
  assert.deepEqual(
    fault.filter((text) => text.trim() !== ''),
    [],
  );
  await look('2-topic');
  // From nothing to a live value.
  await editor.page
    .locator(wanted, { hasText: /-18[.,]4/ })
    .first()
    .waitFor();
  assert.ok(person.clicks <= 4, `${person.clicks} clicks`);
  await person.click(wanted);
  await editor.page.waitForFunction("document.querySelector('#dinox-guide-limit').value !== ''");
  // What a freezer needs is suggested: nothing is typed for it.
  assert.equal(await editor.page.inputValue('#dinox-guide-limit'), '-15');
  assert.equal(await editor.page.inputValue('#dinox-guide-holdFor'), '5m');
  await editor.page.getByText(words.limit.usual.freezer).waitFor();
  await send(-18.2);
  await editor.page.locator('.dxg-day svg').waitFor();
  await editor.page.locator('.dxg-verdict', { hasText: words.limit.never }).waitFor();
  // Node-RED 5 gives the sidebar 300 pixels: where one goes on is seen without scrolling.
  const isInView = `(() => {
    const [next, body] = ['.dxg-next', '.dxg-body'].map((one) => document.querySelector(one).getBoundingClientRect());
    return next.top >= body.top && next.bottom <= body.bottom;
  })()`;
  assert.equal(await editor.page.evaluate(isInView), true);
  await look('3-limit');
  await person.click('.dxg-next');
  const link = editor.page.locator('.dxg-how a');
  assert.equal(await link.getAttribute('href'), `xmpp:${jid}?message`);
  await editor.page.waitForSelector(`text=${words.receiver.waiting}`);
  await nodeRed.until('anna is there', () => peer.ready);
  peer.message('pair', jid, 'hello &lt;b>bot&lt;/b>');
  const caller = '.dxg-choice:has-text("hello <b>bot</b>")';
  await editor.page.waitForSelector(caller);
  await look('4-receiver');
  await person.click(caller);
  const said = editor.page.locator('.dxg-said', { hasText: /freezer: -13\.5 °C is above -15 °C/ });
  await said.waitFor();
  const promised = ((await said.textContent()) ?? '').split(':')[0] ?? '';
  assert.match(promised, /\S #1 .*freezer$/);
  await look('5-place');
  await person.click('.dxg-next');
  await nodeRed.until('the greeting', () =>
    bodies().some((body) => body.includes(words.proof.hello) && body.includes(`, ${words.proof.told}`)),
  );
  await editor.page.waitForSelector(`text=${words.proof.arrived}`);
  await look('6-proof');
  await person.click(`button:has-text("${words.proof.arrived}")`);
  // A topic that is not kept shows nothing until its message comes.
  await send(-18.6);
  await editor.page.waitForSelector(`text=${words.done.runs}`);
  await look('7-done');
  const sentences = await editor.page.locator('.dxg-step p').allTextContents();
  assert.deepEqual(
    sentences.filter((one) => /[:,]\s*$/.test(one)),
    [],
    'sentences have an end',
  );
  assert.deepEqual([person.typed, person.clicks <= 10], [2, true], `${person.clicks} clicks`);
  const placed = JSON.parse(await editor.exported()) as Flow;
  const alert = placed.find(({ type }) => type === 'dinox-alert') as Record<string, unknown> | undefined;
  assert.deepEqual(
    ['condition', 'limit', 'hysteresis', 'holdFor'].map((field) => alert?.[field]),
    ['above', '-15', '1', '5m'],
  );
  // Nobody waits five minutes here: a second is as good.
  const seen = nodeRed.logs().length;
  await editor.page.evaluate(
    `Object.assign(RED.nodes.node('${alert?.id}'), { holdFor: '1s', changed: true }); RED.nodes.dirty(true)`,
  );
  await editor.deploy();
  await nodeRed.until('the shorter time is deployed', () => nodeRed.logs().slice(seen).includes('Started '));
  await nodeRed.until(
    'it listens',
    () => {
      const ids = ['dinox-mqtt-in', 'xmpp-in', 'xmpp-out'].map(
        (type) => placed.find((one) => one.type === type)?.id,
      );
      return ids.every((id) => nodeRed.statusesOf(id ?? '').at(-1)?.fill === 'green');
    },
    30_000,
  );
  await send(-9.5);
  await nodeRed.until(
    'the alert',
    () => bodies().some((body) => body.includes('-9.5 °C is above -15 °C')),
    30_000,
  );
  const alerts = bodies().filter((body) => body.includes('-9.5 °C is above'));
  assert.match(alerts[0] ?? '', new RegExp(`^${promised}: `), 'as the guide promised');
  peer.message('ack', jid, 'ok');
  await nodeRed.until('acknowledged', () => bodies().some((body) => /acknowledged/i.test(body)), 30_000);
  const [recipient = ''] = placed.filter(({ type }) => type === 'xmpp-out').map(({ to }) => String(to));
  await doorsJourney({
    ...{ nodeRed, editor, recipient, words: journey.words ?? english['dinox-sidebar'] },
    send: journey.send,
    received: bodies,
    version,
  });
  assert.deepEqual(editor.errors, []);
}
