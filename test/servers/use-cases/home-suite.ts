/** The examples in which alerts know about each other and a home answers: a phone, and what somebody presses. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { BEN, ChatPartner } from '../chat-out-support';
import { PASSWORD, USER } from '../nodes-support';
import { debugged, deployExample, onEjabberd, type Stage, WAIT_MS } from './stage';

/** What the buttons of ask-the-home publish, below `home/sensors/`. */
const BUTTONS = ['temperature/kitchen', 'temperature/freezer', 'door/front'] as const;
const CARLA = { user: 'carla', password: 'M1nze+tee' };

export function homeSuite(stage: () => Stage): void {
  const phone = async (user?: string, password?: string): Promise<ChatPartner> =>
    stage().harness.keep(await ChatPartner.connect(stage().ejabberd, user, password));
  const heard = (who: ChatPartner, line: RegExp): Promise<string> =>
    who.until(`${line}`, () => who.bodies.find((body) => line.test(body)), WAIT_MS);
  const say = (who: ChatPartner, text: string): Promise<void> => {
    const to = { to: `${USER}@localhost`, type: 'chat', id: crypto.randomUUID() };
    return who.send(who.xml('message', to, who.xml('body', {}, text)));
  };
  /** Ids of the message that each one replaces; undefined for one that rings. */
  const replaced = (who: ChatPartner): unknown[] =>
    who.said.map((one) => one.getChild('replace', 'urn:xmpp:message-correct:0')?.attrs.id);
  const press = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) await stage().nodeRed.inject(id);
  };

  it('ask-the-home answers about what the buttons publish, with a list and a name', async () => {
    const ben = await phone();
    const id = (name: string): string => `dinox-ask-${name}`;
    await deployExample(stage(), 'ask-the-home', {
      ...{ [id('broker')]: onEjabberd(stage()), [id('in')]: { allow: BEN } },
    });
    await press([id('kitchen'), id('freezer'), id('door')]);
    const path = `/dinox/brokers/${id('broker')}/topics?since=0&limit=100`;
    const recorded = async (): Promise<{ topic: string; text?: string }[]> => {
      const { json } = await stage().nodeRed.adminApi('GET', path);
      return (json as { rows: { topic: string; text?: string }[] }).rows;
    };
    // What the line brings that is cut meanwhile is below the same topic.
    const [all, there] = [BUTTONS.map((button) => `home/sensors/${button}`), new Set<string>()];
    for (const end = Date.now() + WAIT_MS; !all.every((topic) => there.has(topic)); await sleep(100)) {
      for (const { topic, text } of await recorded()) if (text !== undefined) there.add(topic);
      if (Date.now() > end) {
        const said = stage().nodeRed.logLines('fatal', 'error', 'warn').slice(-9);
        assert.fail(`not all three are recorded: ${JSON.stringify([await recorded(), said])}`);
      }
    }
    await say(ben, 'freezer');
    await heard(ben, /home\/sensors\/temperature\/freezer: -18 °C/);
    await say(ben, 'Wie warm ist es in der Küche?');
    await heard(ben, /^home\/sensors\/temperature\/kitchen: 21\.3 °C \(/);
    await say(ben, 'battery');
    await heard(ben, /home\/sensors\/door\/front.*87/);
    await say(ben, 'call home/sensors/temperature/kitchen cooking');
    await heard(ben, /is now called cooking/);
    await say(ben, 'cooking');
    await heard(ben, /^cooking \(home\/sensors\/temperature\/kitchen\): 21\.3 °C/);
    await stage().nodeRed.until('what was answered', () =>
      debugged(stage()).some((one) => /cooking/.test(one)),
    );
    // What is kept would come to the next examples behind what their buttons say: second-person was over at once.
    const { harness, ejabberd } = stage();
    const house = await harness.partner(`mqtt://127.0.0.1:${ejabberd.mqttPort}`, {
      ...{ username: `${USER}@localhost`, password: PASSWORD },
    });
    for (const topic of all) await house.publish(topic, '', { retain: true });
  });

  it('router-down is one message, which counts what is behind it, and then what remains', async () => {
    const ben = await phone();
    const id = (name: string): string => `dinox-router-down-${name}`;
    await deployExample(stage(), 'router-down', {
      ...{ [id('broker')]: onEjabberd(stage()), [id('alert')]: { keepFor: '1s', persist: false } },
      ...{ [id('out')]: { to: BEN }, [id('in')]: { allow: BEN } },
    });
    await press([id('down'), id('cam1'), id('cam2')]);
    await heard(ben, /home\/network\/router.*2 more because of it/s);
    await press([id('up2'), id('up')]);
    await heard(ben, /home\/network\/camera_1/);
    await heard(ben, /home\/network\/router.*resolved/s);
    const [ring, ...others] = replaced(ben);
    assert.equal(ring, undefined);
    const rings = ben.bodies.filter((_, at) => replaced(ben)[at] === undefined);
    assert.equal(rings.length, 2, rings.join(' | '));
    assert.ok(others.some((one) => one === ben.said[0]?.attrs.id));
    assert.equal(rings.filter((body) => /camera_2/.test(body)).length, 0, 'it is back before the router');
  });

  it('second-person rings the second one after a while, and both see who has it', async () => {
    const { ejabberd } = stage();
    await ejabberd.register(CARLA.user, CARLA.password);
    const [ben, carla] = [await phone(), await phone(CARLA.user, CARLA.password)];
    const id = (name: string): string => `dinox-second-person-${name}`;
    const second = `${CARLA.user}@localhost`;
    await deployExample(stage(), 'second-person', {
      ...{ [id('broker')]: onEjabberd(stage()), [id('out')]: { to: BEN } },
      [id('alert')]: { escalateAfter: '2s', escalateTo: second, keepFor: '', persist: false },
      [id('in')]: { allow: `${BEN}, ${second}` },
    });
    await press([id('warm')]);
    await heard(ben, /-8/);
    await heard(carla, /-8/);
    await say(carla, 'ok 4h plumber comes');
    for (const who of [ben, carla])
      await heard(who, /acknowledged by carla \d\d:\d\d, until \d\d:\d\d: plumber comes/);
    await press([id('cold')]);
    await heard(ben, /resolved/);
  });

  it('every-battery says which device needs one, of whatever family', async () => {
    const id = (name: string): string => `dinox-battery-${name}`;
    const ben = await phone();
    const { host, port } = stage().mosquitto;
    const home = await stage().harness.partner(`mqtt://${host}:${port}`);
    await deployExample(stage(), 'every-battery', {
      ...{
        [id('broker')]: onEjabberd(stage(), { host, port, usetls: false, useXmppCredentials: false }),
        [id('low')]: { persist: false },
      },
      [id('out')]: { to: BEN },
    });
    await home.publish('zigbee2mqtt/front door', JSON.stringify({ battery: 9, linkquality: 90 }));
    await home.publish('tele/attic/LWT', 'Offline');
    for (const line of [/front door: battery at 9 ?%/, /attic is offline/]) await heard(ben, line);
  });
}
