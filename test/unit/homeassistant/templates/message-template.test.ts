import assert from 'node:assert/strict';
import { inEnglish } from '../../../../src/base/english';
import { MAX_TEMPLATE, MessageTemplate } from '../../../../src/homeassistant/templates/message-template';

const said = (source: string, msg: Record<string, unknown>, shown?: (one: string) => string): string => {
  const filled = new MessageTemplate(source).fill(
    (name) => (Object.hasOwn(msg, name) ? msg[name] : undefined),
    shown,
  );
  return 'text' in filled ? filled.text : `! ${inEnglish(filled.error.text)}`;
};

describe('message template', () => {
  it('fills in what a message holds, with or without msg.', () => {
    const msg = {
      payload: { contact: true, temp: 21.26 },
      topic: 'home/hall/door',
      unit: '°C',
      at: new Date(0),
    };
    assert.equal(said("Front door {{ 'closed' if payload.contact else 'open' }}", msg), 'Front door closed');
    assert.equal(said("{{ iif(msg.payload.contact, 'zu', 'auf') }} {{ msg['unit'] }}", msg), 'zu °C');
    assert.equal(said("{{ payload.temp | round(1) }} {{ topic.split('/')[1] }}", msg), '21.3 hall');
    assert.equal(
      said('{{ at }} {{ payload }}', { ...msg, payload: Buffer.from('hé') }),
      '1970-01-01T00:00:00.000Z hé',
    );
    assert.equal(said('{% for one in payload %}{{ one }},{% endfor %}', { payload: [1, 2], one: 9 }), '1,2,');
  });

  it('half a sentence is an error: what has no value, and what cannot be read', () => {
    assert.match(
      said('Battery {{ payload.batery }} %', { payload: { battery: 3 } }),
      /^! "batery" has no value/,
    );
    assert.match(said('{{ payload }}', { payload: null }), /^! /);
    assert.match(said('{{ nothing }}', {}), /^! "nothing"/);
    assert.equal(said("{{ payload.batery | default('?') }}", { payload: {} }), '?');
    assert.match(said('{{ payload', {}), /^! .*cannot be read/);
    assert.match(said('{{ payload.contact ? closed : open }}', {}), /^! A choice is written/);
    assert.match(said("{{ states('sensor.x') }}", {}), /only Home Assistant knows/);
  });

  it('reaches nothing but the message, and is bounded', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    assert.match(said('{{ payload.constructor }}', { payload: {} }), /^! /);
    assert.match(said('{{ payload.__proto__ }}', { payload: {} }), /^! /);
    assert.match(said('{{ constructor }}{{ __proto__ }}', {}), /^! /);
    assert.match(said('{{ payload }}', { payload: circle }), /^! /);
    assert.match(
      said('{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}', {}),
      /^! /,
    );
    assert.match(said('x'.repeat(MAX_TEMPLATE + 1), {}), /^! /);
    assert.match(said('{{ payload }}', { payload: Buffer.alloc(1_000_000) }), /^! /);
  });

  it('only values are made fit for their place, not the words of the template', () => {
    assert.equal(
      said('a\n{{ payload }}', { payload: 'b\n🔴 #1 c' }, (one) => one.replace('\n', '\\n')),
      'a\nb\\n🔴 #1 c',
    );
  });

  it('asks for nothing that the template does not name: a request of http in is left alone', () => {
    const asked: string[] = [];
    new MessageTemplate("{{ payload.x }}{{ msg.topic }}{{ msg['a'] }}").fill((name) => {
      asked.push(name);
      return 1;
    });
    assert.deepEqual(asked.sort(), ['a', 'msg', 'payload', 'topic']);
  });
});
