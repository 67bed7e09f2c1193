/** Notifications beside chat messages, on a server that has both: a phone that listens over MQTT stands beside ben's chat. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowNode } from '../support/flows';
import type { Ejabberd } from '../support/servers/index';
import { account, BEN, type ChatContext, chatOut, SLOW_MS } from './chat-out-support';
import { Harness, OTHER, OTHER_PASSWORD, PASSWORD, type Partner } from './nodes-support';

/** The nodes of the suite, with a connection of their own. */
export function notifyNodes(server: Ejabberd): FlowNode[] {
  const broker = account(server.c2sPort, {
    host: '127.0.0.1',
    port: String(server.mqttPort),
    usetls: false,
    protocolVersion: '5',
  });
  return [
    { ...broker, id: 'notifying' },
    chatOut('notify', { broker: 'notifying', to: '', notify: true, notifyExpiry: '2m', receipts: false }),
    chatOut('brief', { broker: 'notifying', to: '', notify: true, notifyExpiry: '1s', receipts: false }),
  ];
}
export const notifyCredentials = { notifying: { password: PASSWORD } };

export function notifySuite(context: () => ChatContext): void {
  const harness = new Harness();
  after(() => harness.end());

  it('a person is woken over MQTT, and knows the chat message again by its id', async () => {
    const { server, say, flow } = context();
    const phone = await harness.partner(`mqtt://127.0.0.1:${(server as Ejabberd).mqttPort}`, {
      protocolVersion: 5,
      username: `${OTHER}@localhost`,
      password: OTHER_PASSWORD,
    });
    await phone.subscribe(`dinox/notifications/${BEN}`, 1);
    await flow.shows('notify', 'green', SLOW_MS);
    const payload = { text: 'The freezer is at -9 °C', severity: 'critical', key: 'home/freezer' };
    const [message] = await say({ to: BEN, payload, topic: 'home/freezer', alertId: 'a1' }, 'notify');
    const [woken] = await phone.arrived(1, 'dinox/notifications/', SLOW_MS);
    const { time, expires, ...said } = JSON.parse(woken?.payload ?? '') as Record<string, string>;
    assert.deepEqual(said, {
      id: message?.attrs.id,
      title: 'home/freezer',
      text: 'The freezer is at -9 °C',
      severity: 'critical',
      topic: 'home/freezer',
    });
    assert.equal(Date.parse(expires ?? '') - Date.parse(time ?? ''), 120_000);
    assert.deepEqual([woken?.qos, woken?.retain], [1, false]);
    assert.ok(Number(woken?.expiry) > 100 && Number(woken?.expiry) <= 120, 'it expires on the server, too');
    // The alert edits its message: nobody is woken for that.
    await say(
      { to: BEN, payload: { text: 'It is over' }, alertId: 'a1', replaces: { alertId: 'a1' } },
      'notify',
    );
    await say({ to: BEN, payload: 'the next one' }, 'notify');
    const all = await phone.arrived(2, 'dinox/notifications/', SLOW_MS);
    assert.deepEqual(
      all.map((one) => (JSON.parse(one.payload) as { text: string }).text),
      ['The freezer is at -9 °C', 'the next one'],
    );
  });

  it('a phone that was away longer than the notification lives is not woken, and has the chat message', async () => {
    const { server, say, flow } = context();
    const options = {
      ...{ protocolVersion: 5 as const, username: `${OTHER}@localhost`, password: OTHER_PASSWORD },
      ...{ clientId: 'phone-away', clean: false, properties: { sessionExpiryInterval: 60 } },
    };
    const connect = (): Promise<Partner> =>
      harness.partner(`mqtt://127.0.0.1:${(server as Ejabberd).mqttPort}`, options);
    const away = await connect();
    await away.subscribe(`dinox/notifications/${BEN}`, 1);
    await away.end(false);
    await flow.shows('brief', 'green', SLOW_MS);
    const [message] = await say({ to: BEN, payload: 'only for a second' }, 'brief');
    assert.equal(message?.getChildText('body'), 'only for a second');
    await sleep(1_500);
    await say({ to: BEN, payload: 'still of interest' }, 'notify');
    const back = await connect();
    type Notification = { text: string; expires: string };
    const woken = await back.until('what is still of interest', () => {
      const all = back.seen.map(({ payload }) => JSON.parse(payload) as Notification);
      return all.some(({ text }) => text === 'still of interest') && all;
    });
    // ejabberd may keep for a session what is over on the server: it says so itself, too.
    const now = Date.now();
    assert.deepEqual(
      woken.filter(({ expires }) => Date.parse(expires) > now).map(({ text }) => text),
      ['still of interest'],
    );
  });
}
