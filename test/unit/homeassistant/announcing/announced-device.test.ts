import assert from 'node:assert/strict';
import {
  AnnouncedDevice,
  type Announcement,
  MAX_COMPONENTS,
} from '../../../../src/homeassistant/announcing/announced-device';
import { componentOf, stateTopicOf } from '../../../../src/homeassistant/announcing/device-config';
import { ownPlaceOf, placeId, placeTopic } from '../../../../src/homeassistant/announcing/identity';

const IDENTITY = { installation: 'i1', broker: 'b1', prefix: 'homeassistant' };
const LOOKS = { name: 'DinoX', version: '1', statusTopic: undefined };
const PLACE = { node: 'n1', key: 'a' };
const TOPIC = placeTopic(IDENTITY, PLACE);
const OURS = `${placeId(PLACE)}_value`;

/** A component of ours from an earlier run, with something else in it. */
const left = (more: object = {}): object => ({
  ...componentOf(IDENTITY, PLACE, {
    platform: 'sensor',
    part: 'value',
    name: 'Value',
    id: 'value',
    config: { state_topic: '~/state' },
  }),
  ...more,
});

/** What follows from an announcement that stands on the server when nobody shows anything any more. */
function leftBy(components: object): Announcement | undefined {
  const device = new AnnouncedDevice(IDENTITY, LOOKS);
  device.adopt(Buffer.from(JSON.stringify({ components })));
  return device.next(false);
}

describe('what an earlier announcement leaves', () => {
  it('is taken out, and its state cleared', () => {
    const next = leftBy({ [OURS]: left() });
    assert.deepEqual([next?.payload, next?.left], ['', [`${TOPIC}/state`]]);
  });

  it("never clears a topic of somebody else, however a stranger's announcement names it", () => {
    for (const more of [
      { '~': 'home/boiler', state_topic: '~/set' },
      { '~': `${TOPIC}/../../../home` },
      { '~': '#' },
      { '~': 'dinox-nr/ha/i2/n1/000000000000' },
      { '~': `dinox-nr/ha/i1/n1/${'0'.repeat(12)}` },
      { '~': 7 },
      { unique_id: 'x' },
      { unique_id: undefined },
      { platform: 'lock' },
      { more: 'x'.repeat(10_000) },
    ])
      assert.equal(leftBy({ [OURS]: left(more) }), undefined, JSON.stringify(more).slice(0, 80));
    for (const state_topic of ['home/boiler/set', '~', '~/#', '~/a/b', '~x', '/~/state', 7, null])
      assert.deepEqual(leftBy({ [OURS]: left({ state_topic }) })?.left, [], String(state_topic));
    assert.equal(leftBy({ x: left(), [`${OURS}/x`]: left() }), undefined);
  });

  it('is none if it has more levels than can be written again', () => {
    const device = new AnnouncedDevice(IDENTITY, LOOKS);
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const json = JSON.stringify({ components: { [OURS]: left({ deep: 0 }) } });
    device.adopt(Buffer.from(json.replace('"deep":0', `"deep":${deep}`)));
    assert.equal(device.next(true), undefined);
  });

  it('is bounded, however often somebody announces something else', () => {
    const device = new AnnouncedDevice(IDENTITY, LOOKS);
    for (let at = 0; at < 30; at++) {
      const keys = Array.from({ length: 100 }, (_, i) => `${placeId(PLACE)}_v${at}x${i}`);
      const components = keys.map((key) => [key, left({ unique_id: `i1_${key}` })] as const);
      device.adopt(Buffer.from(JSON.stringify({ components: Object.fromEntries(components) })));
    }
    assert.equal(device.next(false)?.gone.size, 2 * MAX_COMPONENTS);
  });
});

describe('a place of this installation', () => {
  it('is read from its topic alone', () => {
    assert.deepEqual(ownPlaceOf(IDENTITY, TOPIC), { node: 'n1', id: placeId(PLACE) });
    const odd = { node: 'a b/#', key: '' };
    assert.equal(ownPlaceOf(IDENTITY, placeTopic(IDENTITY, odd))?.id, placeId(odd));
    for (const topic of ['', `${TOPIC}/state`, `x/${TOPIC}`, TOPIC.toUpperCase(), TOPIC.replace('n1', '+')])
      assert.equal(ownPlaceOf(IDENTITY, topic), undefined, topic);
  });

  it('has states below it, and no others are cleared', () => {
    assert.equal(stateTopicOf({ '~': TOPIC, state_topic: '~/limits' }), `${TOPIC}/limits`);
    assert.equal(stateTopicOf({ '~': TOPIC, state_topic: 'dinox/bots/status/bot' }), undefined);
    assert.equal(stateTopicOf({ state_topic: '~/limits' }), undefined);
  });
});
