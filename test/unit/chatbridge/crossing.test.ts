import assert from 'node:assert/strict';
import { inEnglish } from '../../../src/base/english';
import { BRIDGE_MARK, intoChat, intoMqtt } from '../../../src/chatbridge/crossing';
import { LoopGuard } from '../../../src/chatbridge/loop-guard';
import { type BridgeRule, readRules } from '../../../src/chatbridge/rules';
import { FakeClock } from '../transport/fake-clock';

function setUp(more: object = {}) {
  const [rule] = readRules([{ to: 'house@rooms.example.org', filter: 'home/#', ...more }]).rules;
  const guard = new LoopGuard(new FakeClock());
  const mqtt = (payload: string | Buffer, other: object = {}) =>
    intoChat(
      { topic: 'home/x', payload: Buffer.from(payload), retain: false, ...other },
      rule as BridgeRule,
      guard,
      { limits: { text: 10_000, file: 1_000_000, parsed: 64_000 }, read: inEnglish },
    );
  const chat = (text: string, bridged?: string) => intoMqtt({ text, bridged }, rule as BridgeRule, guard);
  const said = (payload: string, other: object = {}) => {
    const crossing = mqtt(payload, other);
    return crossing?.kind === 'text' ? crossing.text : crossing;
  };
  return { mqtt, chat, said };
}

describe('what a bridge carries', () => {
  it('has the formats of DinoX’s own bridge, with the alias instead of the topic', () => {
    assert.equal(setUp().said('22.1'), '[home/x] 22.1');
    assert.equal(setUp({ format: 'payload' }).said('22.1'), '22.1');
    assert.equal(setUp({ format: 'full' }).said('22.1'), 'MQTT [home/x]\n22.1');
    assert.equal(setUp({ alias: 'Kitchen' }).said('22.1'), '[Kitchen] 22.1');
    const file = setUp({ format: 'file' }).mqtt('22.1');
    assert.deepEqual(file?.kind === 'file' && [file.name, String(file.data)], ['x.txt', '22.1']);
  });

  it('is a file if it is binary, and bounded', () => {
    const picture = setUp().mqtt(Buffer.from([0xff, 0xd8, 0, 1]), { topic: 'home/cam/front.jpg' });
    assert.deepEqual(picture?.kind === 'file' && picture.name, 'front.jpg');
    const long = setUp({ format: 'payload' }).said('x'.repeat(100_000));
    assert.ok(typeof long === 'string' && long.length < 10_001);
  });

  it('is what people read of data, with its limits, and never what XML forbids', () => {
    const { mqtt, said } = setUp();
    assert.equal(said('{"value":22.1,"unit":"°C"}'), '[home/x] 22.1 °C');
    assert.equal(said('{"a":[1,2]}'), '[home/x] {"a":[1,2]}', 'one line in the short form');
    const packed = mqtt(Buffer.from('81a474657874a3610162', 'hex'));
    assert.deepEqual(packed, { kind: 'text', text: '[home/x] a\uFFFDb' });
    assert.equal(mqtt(Buffer.from('81a474657874a0', 'hex')), undefined, 'an empty text');
    assert.equal(
      mqtt('1', { topic: 'home/\x01' })?.kind === 'text' && said('1', { topic: 'a/\x01' }),
      '[a/\uFFFD] 1',
    );
    const raw = mqtt(Buffer.from([1, 2, 3]));
    assert.equal(raw?.kind === 'file' && raw.name, 'x.bin', 'bytes that are UTF-8 by chance');
    const large = mqtt(Buffer.alloc(1_500_000, 0xff));
    assert.deepEqual(large, {
      kind: 'text',
      text: '[home/x] A file (application/octet-stream, 1.5 MB) was not sent: at most 1.0 MB are.',
    });
    const { chat } = setUp({ topic: 'said' });
    assert.equal(chat('22.1 °C'), '22.1 °C');
  });

  it('does not come back as the value that it was made', () => {
    const { said, chat } = setUp({ topic: 'said' });
    said('{"value":22.1,"unit":"°C"}');
    assert.equal(chat('22.1 °C'), undefined);
    assert.equal(chat('[home/x] 22.1 °C'), undefined);
  });

  it('is neither kept nor empty nor a topic of bridges', () => {
    const { said } = setUp({ filter: '#' });
    assert.equal(said('1', { retain: true }), undefined);
    assert.equal(said(''), undefined);
    assert.equal(said(' \n'), undefined);
    assert.equal(said('{}', { topic: 'dinox/bridge/x/in' }), undefined);
  });

  it('has no mark of any bridge', () => {
    const { said, chat } = setUp();
    const properties = { userProperties: { [BRIDGE_MARK]: 'somebody/else' } };
    assert.equal(said('1', { properties }), undefined);
    assert.equal(chat('1', ''), undefined);
    assert.equal(chat('1', 'somebody/else'), undefined);
    assert.equal(chat('1'), '1');
  });

  it('does not come back without marks: what was said is not said, what was heard is not heard', () => {
    const { said, chat } = setUp();
    assert.equal(chat('hello'), 'hello');
    assert.equal(said('hello', { topic: 'home/said' }), undefined, 'our own publication comes back on 3.1.1');
    assert.equal(said('"hello"', { topic: 'home/said' }), undefined, 'and as a JSON text on Prosody');
    assert.equal(said('22.1'), '[home/x] 22.1');
    assert.equal(said('22.1'), '[home/x] 22.1', 'the same value again is news');
    assert.equal(chat('[home/x] 22.1'), undefined);
    assert.equal(chat('22.1'), undefined);
  });

  it('does not come back on MQTT as another bridge writes down what it has read in the chat', () => {
    for (const format of ['short', 'full']) {
      const { said } = setUp({ format, direction: 'toChat' });
      const text = said('22.1');
      assert.equal(typeof text, 'string');
      assert.equal(said(String(text)), undefined, format);
      assert.equal(typeof said('[elsewhere] 22.1'), 'string', 'of another topic');
    }
  });

  it('is not what DinoX’s own bridge says of topics of the rule', () => {
    const { chat } = setUp({ alias: 'Kitchen', topic: 'said' });
    for (const text of [
      'MQTT [home/y]\n5',
      '[home/y] 5',
      'MQTT [Kitchen]\n5',
      'MQTT [garden/y]\n5',
      '[said] 5',
    ])
      assert.equal(chat(text), undefined, text);
    for (const text of ['[garden/y] 5', '[1] first', 'MQTT is nice']) assert.equal(chat(text), text);
  });
});
