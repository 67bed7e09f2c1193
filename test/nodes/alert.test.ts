/** `dinox-alert` in a Node-RED. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertCommands } from '../../src/alert/command-handler';
import { checkedLine, readCheckedLine } from '../../src/storage/checked-line';
import type { Message, RunningFlow } from '../support/runtime';
import { alertFlow, alertOf, payload, startAlert } from './alert-support';

describe('dinox-alert in Node-RED', () => {
  let flow: RunningFlow | undefined;
  let userDir = '';
  const running = (): RunningFlow => {
    assert.ok(flow);
    return flow;
  };
  const start = async (properties: object = {}): Promise<RunningFlow> => {
    userDir = mkdtempSync(join(tmpdir(), 'dinox-alert-'));
    flow = await startAlert(properties, userDir);
    return flow;
  };
  const value = (topic: string, of: unknown): Promise<unknown> =>
    running().call('alert', { topic, payload: of });

  afterEach(async () => {
    await flow?.stop();
    rmSync(userDir, { recursive: true, force: true });
  });

  it('tells when a value goes over its limit, and when it is back', async () => {
    await start({ hysteresis: '2' });
    // A line is drawn from eight values on.
    for (let n = 0; n < 8; n++) {
      await value('home/t', { value: 24, unit: '°C' });
      await sleep(5);
    }
    await value('home/t', { value: 26, unit: '°C' });
    const [raised] = await running().messages('told', 1);
    const first = payload(raised);
    assert.deepEqual(
      [first.state, first.previous, first.key, first.value, first.limit, first.severity, first.reason],
      ['firing', 'normal', 'home/t', 26, 25, 'warning', 'raised'],
    );
    assert.match(String(first.text), /^🟠 #1 home\/t: 26 °C is above 25 °C\n/);
    assert.match(String(first.since), /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.equal(raised?.topic, 'home/t');
    assert.equal(raised?.alertId, first.id);
    assert.equal(raised?.replaces, undefined);

    await value('home/t', { value: 24, unit: '°C' });
    assert.equal(running().at('told').length, 1, 'within the hysteresis it goes on');
    await value('home/t', { value: 27.5, unit: '°C' });
    await value('home/t', { value: 23, unit: '°C' });
    const [, resolved] = await running().messages('told', 2);
    assert.equal(payload(resolved).state, 'normal');
    assert.deepEqual(resolved?.replaces, { alertId: first.id });
    assert.match(
      String(payload(resolved).text),
      /is above 25 °C.*✔ resolved \d\d:\d\d after .* \(23 °C\) · peak 27\.5 °C$/s,
    );
    await running().stop();

    // In one's own words; where they do not fit, the alert goes out all the same, and the sample hears why.
    await start({ message: '{{ name }} is {{ value | round }}!', property: 'payload.battery', unit: '%' });
    await value('home/t', { battery: 26.4 });
    const [own] = await running().messages('told', 1);
    assert.equal(payload(own).text, '🟠 #1 home/t battery is 26!');
    await running().stop();
    await start({ message: '{{ value.first }}' });
    const msg = { topic: 'home/t', payload: 26 };
    const { error } = await running().call('alert', msg);
    assert.match(String(error), /sent in plain words.*"first" has no value/);
    assert.equal(running().completionsOf(msg).length, 1);
    const [plain] = await running().messages('told', 1);
    assert.equal(payload(plain).text, '🟠 #1 home/t: 26 is above 25');
  });

  it('a digest is one message a day, with what is in it, also over a restart behind it', async () => {
    const { now } = Date;
    /** The clock on the wall is set. */
    const itIs = (day: number, hour: number, minute: number, second = 0): void => {
      const ahead = Date.UTC(2026, 2, day, hour, minute, second) - now();
      Date.now = () => now() + ahead;
    };
    const digest = { watch: 'devices', checks: ['battery'], digest: '08:00', timeZone: 'UTC' };
    const battery = (device: string, percent: number): Promise<unknown> =>
      value(`zigbee2mqtt/${device}`, { battery: percent, linkquality: 100 });
    const texts = (): string[] =>
      running()
        .at('told')
        .map((msg) => String(payload(msg).text));
    try {
      itIs(10, 7, 0);
      await start(digest);
      await battery('door', 5);
      assert.deepEqual(texts(), [], 'it waits for eight');
      itIs(10, 7, 59, 59);
      await battery('lamp', 9);
      await running().messages('told', 1, 20_000);
      assert.match(texts()[0] ?? '', /^2 alerts:\n.*door: battery at 5 %\n.*lamp: battery at 9 %$/s);
      await running().stop();

      flow = await startAlert(digest, userDir);
      await battery('door', 5);
      await battery('hall', 7);
      await sleep(1_500);
      assert.deepEqual(texts(), [], 'not twice, and what is new is for tomorrow');
      itIs(11, 7, 59, 59);
      await battery('attic', 6);
      await running().messages('told', 1, 20_000);
      assert.match(texts()[0] ?? '', /^4 alerts:\n.*door: .*lamp: .*hall: battery at 7 %\n.*attic/s);
      await sleep(1_000);
      assert.equal(texts().length, 1);
    } finally {
      Date.now = now;
    }
  });

  it('what no flow has confirmed goes out again at the next start, and {cmd: "told"} confirms it', async () => {
    await start({ confirm: 'wait' });
    await value('a', 30);
    await value('b', 30);
    const [a] = await running().messages('told', 2);
    await running().call('alert', { alert: { cmd: 'told', id: a?.alertId } });
    const wrong = await running().call('alert', { alert: { cmd: 'told' } });
    assert.match(String(wrong.error), /needs an id/);
    assert.equal(running().at('answers').length, 0);
    await running().stop();

    flow = await startAlert({ confirm: 'wait' }, userDir);
    const [again] = await running().messages('told', 1);
    assert.deepEqual([payload(again).key, payload(again).again, payload(again).number], ['b', true, 2]);
    assert.equal(again?.alertId, payload(again).id);
    // A deploy is no start.
    await running().deploy(alertFlow({ confirm: 'wait', limit: '26' }));
    await value('c', 30);
    assert.deepEqual(
      (await running().messages('told', 2)).map((message) => payload(message).key),
      ['b', 'c'],
    );
    assert.deepEqual(
      running()
        .complaints()
        .map(({ text }) => text)
        .filter((text) => !/needs an id/.test(text)),
      [],
    );
  });

  it('a damaged file costs what is damaged, which is named; the node starts and goes on', async () => {
    await start();
    await value('a', 30);
    await value('b', 30);
    await running().messages('told', 2);
    await running().stop();
    const file = join(userDir, 'dinox/alerts/alert.log');
    const lines = readFileSync(file, 'utf8').split('\n');
    const damaged = lines.map((line) =>
      line.includes('"key":"a"') ? line.replace('firing', 'firind') : line,
    );
    writeFileSync(file, damaged.join('\n'));

    flow = await startAlert({}, userDir);
    const [said] = running().complaints();
    assert.match(
      said?.text ?? '',
      /^1 damaged record\(s\) in .*alert\.log were skipped.*moved to .*alert\.log\.damaged\.$/,
    );
    await running().call('alert', { alert: { cmd: 'status' } });
    const [answer] = await running().messages('answers', 1);
    assert.match(String(answer?.payload), /open alert: 1 of 1\n#2 b/);
  });

  it('passes every sample on with what it thinks of it', async () => {
    await start();
    await value('a', 30);
    await value('a', 'unavailable');
    const [sample, invalid] = await running().messages('samples', 2);
    assert.equal(sample?.payload, 30);
    assert.deepEqual(
      [alertOf(sample).state, alertOf(sample).valid, alertOf(sample).value, alertOf(sample).number],
      ['firing', true, 30, 1],
    );
    assert.deepEqual([alertOf(invalid).valid, alertOf(invalid).why], [false, 'unavailable']);
    assert.equal(invalid?.payload, 'unavailable');
    assert.equal(running().at('told').length, 1, 'what is no value ends nothing');
    assert.equal(running().complaints().length, 1, 'and is said once');
  });

  it('waits for the hold time by itself, without a further sample', async () => {
    await start({ holdFor: '300ms' });
    await value('a', 30);
    assert.deepEqual(running().at('told'), []);
    const [sample] = await running().messages('samples', 1);
    assert.equal(alertOf(sample).state, 'pending');
    const [raised] = await running().messages('told', 1, 10_000);
    assert.equal(payload(raised).state, 'firing');
  });

  it('misses a value that stays away, and says that it is back', async () => {
    await start({ condition: 'nodata', noDataAfter: '300ms' });
    await value('a', { any: 'thing' });
    const [missed] = await running().messages('told', 1, 10_000);
    assert.equal(payload(missed).state, 'nodata');
    await value('a', { any: 'thing' });
    const all = await running().messages('told', 2);
    assert.equal(payload(all[1]).state, 'normal');
  });

  it('obeys commands, and answers who asked', async () => {
    await start();
    await value('a', 30);
    const [raised] = await running().messages('told', 1);
    await running().call('alert', {
      alert: { cmd: 'ack', by: 'anna' },
      to: 'anna@example.org',
      kind: 'chat',
    });
    const [, acked] = await running().messages('told', 2);
    assert.deepEqual(acked?.replaces, { alertId: raised?.alertId });
    assert.match(String(payload(acked).text), /✔ acknowledged by anna \d\d:\d\d$/);
    const [answer] = await running().messages('answers', 1);
    assert.deepEqual([answer?.to, answer?.kind, alertOf(answer).ok], ['anna@example.org', 'chat', true]);
    assert.equal(answer?.payload, '✔ acknowledged: #1 a');

    await running().call('alert', { alert: { cmd: 'set', limit: 40 } });
    await value('a', 30);
    const all = await running().messages('told', 3);
    assert.equal(payload(all[2]).state, 'normal', 'the new limit counts');
    await running().call('alert', { alert: { cmd: 'chart' } });
    const answers = await running().messages('answers', 3);
    assert.match(String(answers[2]?.payload), /^a\n[▁▂▃▄▅▆▇█ ]+.*30/);
  });

  it('takes the holidays of a calendar, which count as Sunday, over restarts; what is none changes nothing', async () => {
    const properties = { quietHours: 'Sun 00:00-24:00', timeZone: 'UTC' };
    await start(properties);
    const event = `DTSTART;VALUE=DATE:${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`;
    const ics = ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', event, 'RRULE:FREQ=DAILY;COUNT=2', 'END:VEVENT'];
    await running().call('alert', { alert: { cmd: 'holidays', ics: [...ics, 'END:VCALENDAR'].join('\n') } });
    const [answer] = await running().messages('answers', 1);
    assert.match(String(answer?.payload), /^Holidays: 2 days, from .* They count as Sunday\.$/);
    await value('a', 30);
    const quiet = async (): Promise<unknown> => {
      const samples = await running().messages('samples', 1);
      return (alertOf(samples.at(-1)).quiet as { by?: string } | undefined)?.by;
    };
    assert.equal(await quiet(), 'quietHours');
    for (const wrong of ['<html>', 7, undefined, `BEGIN:VCALENDAR${'x'.repeat(1_048_576)}`, ics.join('\n')])
      await running().call('alert', { alert: { cmd: 'holidays', ics: wrong } });
    await running().call('alert', { alert: { cmd: 'holidays', ics: null, days: 3 } });
    assert.equal((await running().messages('errors', 6)).length, 6, 'each is an error');
    await running().deploy([]);
    await running().deploy(alertFlow(properties));
    await value('a', 30);
    assert.equal(await quiet(), 'quietHours', 'after a restart, and after what was no calendar');
    assert.deepEqual(running().at('told'), []);
    await running().call('alert', { alert: { cmd: 'holidays', ics: null } });
    if (new Date().getUTCDay() !== 0) await running().messages('told', 1);
  });

  it('one tap acknowledges, and taking it back undoes it', async () => {
    await start();
    await value('a', 30);
    const [raised] = await running().messages('told', 1);
    const tap = (reaction: object, who = 'anna@example.org'): Message => ({
      payload: '👍',
      alertId: raised?.alertId,
      kind: 'chat',
      xmpp: { from: `${who}/phone`, reaction },
    });
    await running().call('alert', tap({ added: ['👍🏽'], removed: [] }));
    const [, acked] = await running().messages('told', 2);
    assert.match(String(payload(acked).text), /✔ acknowledged by anna/);
    // Nobody takes back what somebody else did: neither another person, nor one of the same name.
    for (const who of ['ben@example.org', 'anna@other.example']) {
      await running().call('alert', tap({ added: ['👍'], removed: [] }, who));
      await running().call('alert', tap({ added: [], removed: ['👍'] }, who));
    }
    await running().call('alert', tap({ added: ['✅'], removed: [], all: ['👍', '✅'] }));
    await running().call('alert', tap({ added: [], removed: ['👍'], all: ['✅'] }));
    assert.equal(running().at('told').length, 2, 'it stays acknowledged');
    await running().call('alert', tap({ added: [], removed: ['✅'], all: [] }));
    const all = await running().messages('told', 3);
    assert.equal(payload(all[2]).reason, 'unacknowledged');
    // What was said in words is not the reaction's.
    await running().call('alert', { alert: { cmd: 'ack', by: 'anna' } });
    await running().call('alert', tap({ added: ['👍'], removed: [] }));
    await running().call('alert', tap({ added: [], removed: ['👍'] }));
    assert.equal((await running().messages('told', 4)).length, 4);
    // Only the command is answered: the message that edits itself is the answer.
    assert.equal((await running().messages('answers', 1)).length, 1);
    // A silence is its maker's, too.
    await running().call('alert', tap({ added: ['🔕'], removed: [] }));
    await running().call('alert', tap({ added: [], removed: ['🔕'] }, 'ben@example.org'));
    await running().call('alert', tap({ added: [], removed: ['🔕'] }));
    const said = await running().messages('answers', 3);
    assert.match(
      said.map((msg) => String(msg.payload)).join(' | '),
      /#1 a \| .*a: silent until .* \| .*ended/,
    );
    await running().call('alert', { ...tap({ added: ['👍'], removed: [] }), alertId: 'somebody else' });
    assert.equal(running().at('told').length, 4, 'the alert of another node');
  });

  it('takes harmless words from a chat, and others only where it is allowed', async () => {
    await start();
    await value('a', 30);
    const say = (text: string, more: object = {}): Promise<unknown> =>
      running().call('alert', {
        payload: text,
        to: 'anna@example.org',
        kind: 'chat',
        xmpp: { from: 'anna@example.org/phone' },
        ...more,
      });
    await say('OK!');
    await say('grenze 40');
    await say('Stumm 30 min.');
    await say('stauts');
    await say('hello everybody', { kind: 'groupchat' });
    await say('guten morgen');
    const answers = (await running().messages('answers', 5)).map((msg) => String(msg.payload));
    assert.match(answers[0] ?? '', /acknowledged: #1 a/);
    assert.match(answers[1] ?? '', /not accepted from chat/);
    assert.match(answers[2] ?? '', /all: silent until/);
    assert.match(answers[3] ?? '', /do not understand “stauts”.*Did you mean “status”/);
    assert.match(answers[4] ?? '', /do not understand “guten morgen”/);
    assert.equal(running().at('answers').length, 5, 'people who talk to each other get no answer');
    assert.equal(running().at('samples').length, 1, 'a message from a chat is no sample');
  });

  it('goes on after a deploy: the same alert, its acknowledgement, and its number', async () => {
    await start({ noDataAfter: '1h' });
    await value('a', 30);
    await running().call('alert', { alert: { cmd: 'ack', by: 'anna' } });
    const [raised] = await running().messages('told', 2);
    await running().deploy(alertFlow({ noDataAfter: '1h', name: 'x' }), 'full');
    const desk = (running().node('alert') as unknown as { dinoxAlert: AlertCommands }).dinoxAlert;
    assert.deepEqual(
      desk.open().map(({ key, state, number, acked }) => [key, state, number, acked?.by]),
      [['a', 'firing', 1, 'anna']],
    );
    assert.equal(running().at('told').length, 2, 'nobody is told again');
    await value('a', 20);
    const all = await running().messages('told', 3);
    assert.deepEqual(all[2]?.replaces, { alertId: raised?.alertId });
    assert.match(String(payload(all[2]).text), /✔ acknowledged by anna.*✔ resolved/s);
  });

  it('tells at the start what fell due while Node-RED was away, once', async () => {
    await start({ holdFor: '1h' });
    await value('a', 30);
    const folder = join(userDir, 'dinox/alerts');
    const [file = ''] = readdirSync(folder);
    await running().deploy([]);
    const lines = readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const aged = lines.map((line) => {
      const record = readCheckedLine(Buffer.from(line)) as { key?: { due?: number } };
      if (record.key?.due) record.key.due -= 7_200_000;
      return checkedLine(record);
    });
    writeFileSync(join(folder, file), aged.join(''));
    await running().deploy(alertFlow({ holdFor: '1h' }));
    const [raised] = await running().messages('told', 1);
    assert.equal(payload(raised).state, 'firing');
  });

  it('writes nothing where nothing is to be kept, and has no history where there is to be none', async () => {
    await start({ persist: false, history: 'off' });
    await value('a', 30);
    await running().messages('told', 1);
    const { error } = await running().call('alert', { alert: { cmd: 'history', key: 'a' } });
    assert.match(String(error), /keeps no history/);
    await running().deploy([]);
    assert.equal(existsSync(join(userDir, 'dinox/alerts')), false);
  });

  it('removes what a deleted node left after seven days, and nothing else', async () => {
    userDir = mkdtempSync(join(tmpdir(), 'dinox-alert-'));
    const folder = join(userDir, 'dinox/alerts');
    mkdirSync(folder, { recursive: true });
    const file = (name: string, days: number): string => {
      const path = join(folder, name);
      writeFileSync(path, '');
      const at = Date.now() / 1_000 - days * 86_400;
      utimesSync(path, at, at);
      return path;
    };
    const gone = [file('gone.log', 8), file('gone.history', 8), file('gone.recent', 8)];
    const kept = [file('gone-lately.log', 6), file('answers.log', 8), file('notes.txt', 99)];
    flow = await startAlert({}, userDir);
    for (let tries = 0; tries < 500 && gone.some((path) => existsSync(path)); tries++) await sleep(20);
    assert.deepEqual(
      gone.filter((path) => existsSync(path)),
      [],
    );
    assert.ok(kept.every((path) => existsSync(path)));
  });

  it('sets a damaged file aside, says where, and starts', async () => {
    await start();
    const folder = join(userDir, 'dinox/alerts');
    await running().deploy([]);
    writeFileSync(join(folder, 'alert.log'), 'no such thing\n');
    await running().deploy(alertFlow());
    await value('a', 30);
    await running().messages('told', 1);
    assert.ok(readdirSync(folder).includes('alert.log.damaged'));
    assert.ok(
      running()
        .complaints()
        .some(({ text }) => /alert\.log\.damaged/.test(text)),
    );
  });

  it('gives its history back, also after a deploy', async () => {
    await start({ keyBy: 'none', limit2: '' });
    for (const number of [20, 21, 22]) await running().call('alert', { payload: number });
    await running().deploy(alertFlow({ keyBy: 'none', name: 'x' }), 'full');
    // The file is read in the background; who asks meanwhile waits for it.
    const { error } = await running().call('alert', { alert: { cmd: 'history', from: '1h', points: 1 } });
    assert.equal(error, undefined);
    const [answer] = await running().messages('answers', 1);
    const [found] = (answer?.payload ?? []) as { max: number; count: number }[];
    assert.deepEqual([found?.max, found?.count], [22, 3]);
    const bad = await running().call('alert', { alert: { cmd: 'history', format: 'jpeg' } });
    assert.match(String(bad.error), /jpeg is not one of the formats array, table, csv/);
    await running().call('alert', { payload: 20 });
    await running().call('alert', { alert: { cmd: 'chart' } });
    const picture = await running().until('the chart', () =>
      running()
        .at('answers')
        .find((msg) => msg.attachment),
    );
    assert.match(String(picture.payload), /^x\n[▁-█ ]+/);
    assert.equal((picture.attachment as { data: Buffer }).data.toString('latin1', 1, 4), 'PNG');
  });

  it('knows after a restart what it recorded before, and draws states as a timeline', async () => {
    const door = { condition: 'equals', limit: 'open', limitType: 'str' };
    await start(door);
    const now = Date.now();
    for (const [ago, payload] of [
      [10, 'closed'],
      [4, 'open'],
      [2, 'closed'],
    ] as const) {
      const timestamp = now - ago * 3_600_000;
      await running().call('alert', { topic: 'home/door', payload, timestamp });
    }
    const [raised] = await running().messages('told', 1);
    assert.match(String(payload(raised).text), /^🟠 #1 home\/door is open\n░{14,15}█{9,10} {2}░ closed /);
    // The ten hours that are known, and not the whole day.
    assert.match(String(payload(raised).spark), /^░{14,15}█{9,10}$/);
    await running().deploy(alertFlow({ ...door, name: 'x' }), 'full');
    const asked = { payload: 'chart door', kind: 'chat', xmpp: { from: 'anna@example.org/phone' } };
    assert.equal((await running().call('alert', asked)).error, undefined);
    const [answer] = await running().messages('answers', 1);
    assert.match(
      String(answer?.payload),
      /^home\/door\n░{13,15}█{4,6}░{4,6} {2}░ closed 2×, \d+ h.* · █ open 2 h$/,
    );
    assert.equal(
      Buffer.from((answer?.attachment as { data?: Buffer } | undefined)?.data ?? '').toString('latin1', 1, 4),
      'PNG',
    );
    await running().call('alert', { alert: { cmd: 'history', key: 'home/door', format: 'sparkline' } });
    const [, svg] = await running().messages('answers', 2);
    assert.match(String(svg?.payload), /^<svg .*<title>open 2 h<\/title>/);
    await running().call('alert', { alert: { cmd: 'chart', key: 'nowhere' } });
    assert.equal(running().at('answers').length, 2, 'what was never recorded is unknown');
  });

  it('draws into a picture when there was an alert', async () => {
    await start();
    const shade = /fill-opacity=".18"/;
    const picture = async (count: number): Promise<string> => {
      await running().call('alert', {
        alert: { cmd: 'history', key: 'a', format: 'sparkline', from: '10m' },
      });
      return String((await running().messages('answers', count))[count - 1]?.payload);
    };
    await value('a', 20);
    assert.doesNotMatch(await picture(1), shade);
    await value('a', 30);
    assert.match(await picture(2), shade);
    await value('a', 20);
    assert.match(await picture(3), shade);
    await running().deploy(alertFlow({ name: 'x' }), 'full');
    assert.match(await picture(4), shade, 'after a restart, too');
  });

  it('records a value for when it was measured: msg.timestamp, or the user property of MQTT 5', async () => {
    await start({ keyBy: 'none' });
    const measured = Date.now() - 3_600_000;
    const send = (msg: Message): Promise<unknown> => running().call('alert', msg);
    await send({ payload: 7, timestamp: measured });
    await send({ payload: 9, userProperties: { timestamp: new Date(measured + 1_000).toISOString() } });
    await send({ payload: 8, userProperties: { timestamp: String(measured + 2_000) } });
    await send({ payload: 20, userProperties: { timestamp: 'yesterday' } });
    const range = { from: measured - 600_000, to: measured + 600_000 };
    await send({ alert: { cmd: 'history', ...range, points: 1 } });
    const [answer] = await running().messages('answers', 1);
    const [found] = (answer?.payload ?? []) as { max: number; count: number }[];
    assert.deepEqual([found?.max, found?.count], [9, 3]);
  });

  it('takes limits from the message, the flow and JSONata', async () => {
    await start({
      limit: 'max',
      limitType: 'msg',
      property: 'payload.list[1] * 10',
      propertyType: 'jsonata',
      keyBy: 'payload.name',
      keyByType: 'jsonata',
    });
    const of = (name: string, number: number, max: number): Promise<unknown> =>
      running().call('alert', { payload: { name, list: [0, number] }, max });
    await of('x', 3, 25);
    await of('y', 3, 35);
    const [raised] = await running().messages('told', 1);
    assert.deepEqual([payload(raised).key, payload(raised).value, payload(raised).limit], ['x', 30, 25]);
    assert.equal((await running().messages('samples', 2)).length, 2);
  });

  it('takes limits from the environment, and from global variables while they change', async () => {
    process.env.DINOX_TEST_LIMIT = '20';
    try {
      const limits = { condition: 'outside', limit: '10', limit2: 'DINOX_TEST_LIMIT', limit2Type: 'env' };
      await start({ ...limits, critical2: 'worst', critical2Type: 'global' });
      const context = (
        running().node('alert') as unknown as { context(): { global: Map<string, number> } }
      ).context();
      context.global.set('worst', 30);
      await value('a', 15);
      await value('a', 21);
      const [raised] = await running().messages('told', 1);
      assert.deepEqual([payload(raised).severity, payload(raised).value], ['warning', 21]);
      context.global.set('worst', 20.5);
      await value('a', 21);
      const [, worse] = await running().messages('told', 2);
      assert.deepEqual([payload(worse).severity, payload(worse).reason], ['critical', 'critical']);
    } finally {
      delete process.env.DINOX_TEST_LIMIT;
    }
  });

  it('shows how many alert, how many wait, and how many keys there are', async () => {
    await start();
    for (const key of ['a', 'b', 'c']) await value(key, 20);
    const text = (): string => String(running().statusesOf('alert').at(-1)?.text);
    await running().until('3 keys', () => text() === 'OK (3 topics)');
    await value('a', 30);
    await value('b', 30);
    await running().until('2 firing', () => text() === '2 firing');
    assert.ok(running().statusesOf('alert').length <= 6, 'a bounded number of statuses');
  });
});
