import assert from 'node:assert/strict';
import { HOUR, MINUTE } from '../../../src/base/time-units';
import { House, said } from './answers-support';

function usual(): House {
  const house = new House();
  house.put('home/sensors/temperature/kitchen', { value: 21.3, unit: '°C' });
  house.put('home/sensors/temperature/wohnzimmer', { value: 22, unit: '°C' });
  house.put('home/sensors/humidity/kitchen', { value: 45, unit: '%' });
  house.put('home/freezer', '-18.5');
  house.put('zigbee2mqtt/front_door', { contact: true, battery: 97, linkquality: 120 });
  house.put('zigbee2mqtt/0x00158d', { temperature: 18, battery: 55 });
  house.put('home/actuators/light/kitchen/set', 'ON');
  house.put('secret/kitchen', '7');
  house.clock.advance(2 * MINUTE);
  return house;
}

describe('questions about topics', () => {
  it('are answered with the last value, its age and its unit', () => {
    const house = usual();
    const answer = house.ask('freezer');
    assert.equal(said(answer), 'home/freezer: -18.5 (2 min ago)');
    assert.deepEqual([answer?.kind, answer?.topics], ['value', ['home/freezer']]);
    assert.equal(
      said(house.ask('front door?')),
      'zigbee2mqtt/front_door: contact closed; battery 97; linkquality 120 (2 min ago)',
    );
    assert.match(
      said(house.ask('How warm is it in the kitchen?')) ?? '',
      /^home\/sensors\/temperature\/kitchen: 21.3 °C/,
    );
  });

  it('are understood in both languages, joined and misspelt, whatever language the topic has', () => {
    const house = usual();
    for (const text of [
      'Wohnzimmer',
      'living room',
      'Wie warm ist es im Wohnzimmer?',
      'Wohnzimmertemperatur',
      'livingroom temperature',
      'wonzimmer',
      'temp wohnz',
    ])
      assert.equal(said(house.ask(text)), 'home/sensors/temperature/wohnzimmer: 22 °C (2 min ago)', text);
    for (const text of ['Küche Feuchte', 'kuechenfeuchte', 'humidity kitchen', 'humidty kitchn'])
      assert.match(said(house.ask(text)) ?? '', /^home\/sensors\/humidity\/kitchen: 45 %/, text);
    assert.equal(said(house.ask('Haustür')), said(house.ask('door')));
    assert.match(said(house.ask('Ist die Tür offen?')) ?? '', /contact closed/);
    // As an alert says it, whatever word the device has.
    house.put('home/hall/window', 'ON');
    house.put('zigbee2mqtt/gate', { reed_contact: false, door: 'closed', dry_contact: 'ON' });
    house.clock.advance(2 * MINUTE);
    assert.match(said(house.ask('window hall')) ?? '', /^home\/hall\/window: open/);
    assert.match(said(house.ask('gate')) ?? '', /reed_contact open; dry_contact ON; door closed/);
  });

  it('with several hits get a short numbered list, which a number answers', () => {
    const house = usual();
    assert.equal(
      said(house.ask('battery')),
      '1  zigbee2mqtt/0x00158d battery: 55 (2 min ago)\n2  zigbee2mqtt/front_door battery: 97 (2 min ago)\nAnswer with a number for the day, or with another word.',
    );
    const picked = house.ask('2');
    assert.match(
      said(picked) ?? '',
      /^zigbee2mqtt\/front_door battery: 97 .*\n *▄+ *min 97 · max 97 \(24 h\)/,
    );
    assert.equal(house.ask('3'), undefined, 'not in the list');
    assert.equal(house.ask('1', 'ben@example.org'), undefined, 'somebody else was shown nothing');
    assert.equal(house.ask('1', 'anna@example.org', 'team@rooms.example.org'), undefined, 'nor here');
    house.clock.advance(6 * MINUTE);
    assert.equal(house.ask('1'), undefined, 'it expires');
  });

  it('about a span get a line, or a picture', () => {
    const house = usual();
    for (let at = 0; at < 60; at++) {
      house.put('home/freezer', String(-18 + Math.sin(at / 9)));
      house.clock.advance(MINUTE);
    }
    const line = house.ask('freezer 24h');
    assert.match(
      said(line) ?? '',
      /^home\/freezer: -1.* \(1 min ago\)\n[▁-█ ]+ min -1.* · max -1.* \(24 h\)$/,
    );
    assert.equal(line?.picture, undefined);
    assert.match(said(house.ask('freezer 30 min')) ?? '', /\(30 min\)$/);
    assert.match(said(house.ask('freezer 7d')) ?? '', /\(24 h\)\nOnly the last 24 h are kept\.$/);
    const chart = house.ask('Gefrierschrank Bild');
    assert.equal(chart?.kind, 'chart');
    assert.equal(chart?.picture?.().subarray(1, 4).toString(), 'PNG');
    house.clock.advance(2 * HOUR);
    assert.match(said(house.ask('freezer 1h')) ?? '', /Nothing was recorded in the last 60 min/);
  });

  it('about a week are answered with one, where the connection keeps it', () => {
    const house = usual();
    house.recorder.history.keepWeek(true);
    for (let hour = 0; hour < 150; hour++) {
      house.put('home/freezer', String(hour === 3 ? 15 : -18 + (hour % 3)));
      house.clock.advance(HOUR);
    }
    const line = said(house.ask('freezer 7d')) ?? '';
    assert.match(line, /min -18.5 · max 15 \(7 d\)$/);
    const chart = house.ask('Gefrierschrank 7 Tage Bild');
    assert.equal(chart?.kind, 'chart');
    assert.equal(chart?.picture?.().subarray(1, 4).toString(), 'PNG');
    assert.match(said(house.ask('freezer 20d')) ?? '', /\(7 d\)\nOnly the last 7 d are kept\.$/);
  });

  it('that are none are left to others', () => {
    const house = usual();
    for (const text of [
      '',
      '  ',
      'hello',
      'I am in the kitchen',
      'call me later',
      'kitchen light on',
      'garage?',
      '7',
      'what is this',
      'it is cold in the kitchen',
      'call',
      'x'.repeat(500),
      'kitchen\nkitchen',
      '??',
      '👍',
    ])
      assert.equal(house.ask(text), undefined, text);
  });

  it('never leave the filters, and are not about orders to devices', () => {
    const house = usual();
    assert.doesNotMatch(said(house.ask('kitchen')) ?? '', /secret|set/);
    assert.equal(house.ask('secret'), undefined);
    assert.equal(
      said(house.ask('call secret/kitchen mine')),
      'There is no topic secret/kitchen that may be asked for here.',
    );
  });

  it('about 5,000 topics are a short list', () => {
    const house = new House(['#']);
    for (let at = 0; at < 5_000; at++) house.put(`home/device${at}/temperature`, { value: at, battery: at });
    // A machine with other work is no slower code.
    const spent = (): number => process.cpuUsage().user / 1_000;
    const start = spent();
    const answer = house.ask('temperature');
    const took = spent() - start;
    assert.equal(answer?.lines.length, 10);
    assert.match(said(answer) ?? '', /… and 4991 more\./);
    const again = spent();
    assert.ok(house.ask('tempratur'));
    const tookAgain = spent() - again;
    assert.ok(took < 2_000 && tookAgain < 1_000, `${took} ms, then ${tookAgain} ms`);
    if (process.env.DINOX_LONG) console.log(took, tookAgain);
  });

  it('show what other people were told in their chats only where a filter names it', () => {
    const told = { id: '1', title: 'Alarm code', text: '4711' };
    for (const [filter, isShown] of [
      ['#', false],
      ['+/notifications/#', false],
      ['dinox/#', true],
      ['dinox/notifications/+', true],
    ] as const) {
      const house = new House([filter]);
      house.put('dinox/notifications/ben@example.org', told);
      house.put('dinox-nr/ha/1/2/3/state', 'x');
      assert.equal(house.ask('notifications')?.kind, isShown ? 'value' : undefined, filter);
      assert.equal(
        house.ask('call dinox/notifications/ben@example.org ben')?.kind,
        isShown ? 'list' : 'refused',
      );
      if (filter === '#') assert.equal(house.ask('topics')?.kind, 'refused');
    }
  });

  it('cost no more where somebody publishes thousands of topics with names of all kinds, and gives one a name again and again', () => {
    const house = new House(['#']);
    let read = 0;
    const { fieldsOf } = house.values;
    house.values.fieldsOf = (topic) => {
      read += 1;
      return fieldsOf(topic);
    };
    const many = (at: number): object =>
      Object.fromEntries(Array.from({ length: 40 }, (_, field) => [`x${at}y${field}`, field]));
    for (let at = 0; at < 1_000; at++) house.put(`home/device${at}`, many(at));
    assert.ok(house.ask('x3y7'));
    assert.equal(house.ask('x900y7'), undefined, 'beyond the bound');
    assert.ok(house.ask('device900'), 'which is none for topics');
    const before = read;
    for (let at = 0; at < 5; at++) {
      house.ask(`call home/device1 corridor${at}`);
      assert.match(said(house.ask(`corridor${at}`)) ?? '', /^corridor/);
    }
    assert.ok(read - before < 50, `${read - before} payloads read again`);
  });

  it('find names that people gave, until they are forgotten', () => {
    const house = usual();
    assert.equal(
      said(house.ask('call zigbee2mqtt/0x00158d corridor')),
      'zigbee2mqtt/0x00158d is now called corridor.',
    );
    assert.match(
      said(house.ask('Flur?')) ?? '',
      /^corridor \(zigbee2mqtt\/0x00158d\): temperature 18; battery 55/,
    );
    assert.match(
      said(house.ask('corridor battery')) ?? '',
      /^corridor \(zigbee2mqtt\/0x00158d\) battery: 55/,
    );
    house.ask('battery');
    assert.equal(said(house.ask('nenne 2 Vordertür')), 'zigbee2mqtt/front_door is now called Vordertür.');
    assert.match(said(house.ask('nenne zigbee2mqtt/front_door <b>')) ?? '', /cannot be a name/);
    assert.match(said(house.ask('call zigbee2mqtt/front_door')) ?? '', /no longer called Vordertür/);
    assert.equal(house.aliases.of('zigbee2mqtt/front_door'), undefined);
  });

  it('a name that somebody gives hides nothing that is called the same', () => {
    const house = usual();
    const guest = new House(['#']);
    guest.put('guest/x', 'open');
    guest.put('home/front_door', 'closed');
    guest.put('home/0x1', 'closed');
    guest.names.take(
      'homeassistant/sensor/gate/config',
      Buffer.from(JSON.stringify({ unique_id: 'g', name: 'Gate', state_topic: 'home/0x1' })),
    );
    for (const [name, topic] of [
      ['front door', 'home/front_door'],
      ['Haustür', 'home/front_door'],
      ['gate', 'home/0x1'],
    ] as const) {
      guest.ask(`call guest/x ${name}`);
      const answer = guest.ask(name);
      assert.deepEqual([answer?.kind, answer?.topics], ['list', ['guest/x', topic]], name);
    }
    // It still tells apart what has the word somewhere.
    house.ask('call home/freezer kitchen freezer');
    house.put('home/kitchen/freezer2', '1');
    house.clock.advance(MINUTE);
    assert.equal(house.ask('kitchen freezer')?.kind, 'value');
  });

  it('find names from Home Assistant, of topics and of values in their JSON', () => {
    const house = usual();
    const announce = (id: string, config: object): unknown =>
      house.names.take(`homeassistant/sensor/${id}/config`, Buffer.from(JSON.stringify(config)));
    announce('tick', {
      ...{ unique_id: 'tick', name: 'Pool', state_topic: 'zigbee2mqtt/0x00158d', unit_of_measurement: '°C' },
      value_template: '{{ value_json.temperature }}',
    });
    assert.match(said(house.ask('Pool temperature')) ?? '', /Pool.*: 18 °C/);
    assert.match(said(house.ask('what is the pool')) ?? '', /^Pool/);
  });
});
