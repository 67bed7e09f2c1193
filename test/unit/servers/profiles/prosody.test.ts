import assert from 'node:assert/strict';
import fc from 'fast-check';
import { words } from '../../../../src/base/catalogue';
import { inEnglish } from '../../../../src/base/english';
import { profileOf, type TopicMapping } from '../../../../src/servers/profiles';
import { checkTopic } from '../../../../src/topics/check';
import { InputError } from '../../../../src/topics/errors';

const SERVICE = 'pubsub.example.org';

function prosodyMapping(payloadType = 'json', pubsubService: string | undefined = SERVICE): TopicMapping {
  return profileOf('prosody').mapping({ pubsubService, payloadType });
}

function refuses(action: () => void, code: string, ...says: RegExp[]): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof InputError);
    assert.equal(error.code, code);
    for (const say of says) assert.match(error.message, say);
    return true;
  });
}

describe('topics on Prosody', () => {
  it('come back as they went, for any topic', () => {
    const level = fc.oneof(
      fc.constantFrom('home', '', 'json', 'ä', 'x y', SERVICE, 'utf8'),
      fc.string({ maxLength: 6 }),
    );
    const topic = fc
      .array(level, { minLength: 1, maxLength: 5 })
      .map((levels) => levels.join('/'))
      .filter((text) => {
        try {
          checkTopic(text);
          return true;
        } catch {
          return false;
        }
      });
    fc.assert(
      fc.property(topic, fc.constantFrom('json', 'utf8', 'atom_title'), (plain, type) => {
        const mapping = prosodyMapping(type);
        const full = new RegExp(`^${SERVICE}/(json|utf8|atom_title)/(.+)$`).exec(plain);
        const wire = mapping.toWire(plain);
        assert.equal(wire, full ? plain : `${SERVICE}/${type}/${plain}`);
        assert.equal(mapping.filterToWire(plain), wire);
        const node = full ? full[2] : plain;
        assert.deepEqual(mapping.toPlain(wire), {
          topic: node,
          pubsub: { service: SERVICE, type: full ? full[1] : type, node },
        });
      }),
      { numRuns: 2_000 },
    );
  });

  const table: [what: string, typed: string, wire: string][] = [
    ['a plain topic', 'home/x', `${SERVICE}/json/home/x`],
    ['a topic in full', `${SERVICE}/utf8/home/x`, `${SERVICE}/utf8/home/x`],
    ['another service is a plain topic', 'other.org/json/x', `${SERVICE}/json/other.org/json/x`],
    ['a type that does not exist', `${SERVICE}/xml/x`, `${SERVICE}/json/${SERVICE}/xml/x`],
    ['no node behind the type', `${SERVICE}/json/`, `${SERVICE}/json/${SERVICE}/json/`],
    ['the service alone', SERVICE, `${SERVICE}/json/${SERVICE}`],
  ];
  for (const [what, typed, wire] of table)
    it(`${what}: ${typed}`, () => assert.equal(prosodyMapping().toWire(typed), wire));

  it('keep their full name where they are of another service', () => {
    const wire = 'other.org/json/x';
    assert.equal(prosodyMapping().toPlain(wire).topic, wire);
    assert.equal(prosodyMapping().toPlain('other.org/json/x').pubsub, undefined);
  });

  it('of any service are recognised where ours is not known, others refused with what to do', () => {
    const mapping = profileOf('prosody').mapping({ payloadType: 'json' });
    assert.equal(mapping.toWire('pubsub.any.org/json/x'), 'pubsub.any.org/json/x');
    assert.deepEqual(mapping.toPlain('pubsub.any.org/json/x'), {
      topic: 'x',
      pubsub: { service: 'pubsub.any.org', type: 'json', node: 'x' },
    });
    refuses(() => mapping.toWire('home/json/x'), 'pubsub-service', /"home\/json\/x"/, /Type the service/);
  });

  it('have 255 bytes at most in their full form', () => {
    const mapping = prosodyMapping();
    const room = 255 - `${SERVICE}/json/`.length;
    assert.equal(Buffer.byteLength(mapping.toWire('a'.repeat(room))), 255);
    refuses(() => mapping.toWire('a'.repeat(room + 1)), 'topic-long', /256 bytes/, /Shorten/);
    refuses(() => mapping.toWire('ä'.repeat(room)), 'topic-long');
    refuses(() => mapping.filterToWire('a'.repeat(room + 1)), 'topic-long');
    refuses(() => mapping.toWire(`${SERVICE}/json/${'a'.repeat(room + 1)}`), 'topic-long');
  });

  it('have no wildcards and no groups, and it says why', () => {
    for (const filter of ['#', 'home/+', `${SERVICE}/json/+`])
      refuses(() => prosodyMapping().filterToWire(filter), 'filter-wildcard', /no wildcards/, /whole name/);
    refuses(() => prosodyMapping().filterToWire('$share/g/x'), 'filter-shared', /shared subscriptions/);
  });

  it('need a payload type that exists', () => {
    refuses(() => prosodyMapping('xml'), 'payload-type', /json, utf8, atom_title/, /"xml"/);
  });
});

describe('payloads on Prosody', () => {
  const wire = (type: string) => `${SERVICE}/${type}/x`;
  const check = (type: string, payload: Buffer | string) => () =>
    prosodyMapping().checkPayload(wire(type), Buffer.from(payload as string));

  for (const good of [
    '1',
    'true',
    'null',
    '"x"',
    '{"value": 22.1}',
    ' [1] ',
    '"\\u0000"',
    '"🌡\t"'.replace('\t', ''),
  ]) {
    it(`json ${good}`, () => assert.doesNotThrow(check('json', good)));
  }
  for (const bad of ['', 'on', '{', "{'a': 1}", 'undefined', '1,2', 'NaN']) {
    it(`json ${bad || '(empty)'} is refused`, () =>
      refuses(check('json', bad), 'payload-json', /not valid JSON/, /utf8/));
  }
  for (const good of ['', 'on', 'a\tb\r\nc', 'ä€🌡', '\u007f', '\ud7ff', '\ue000', '\ufffd']) {
    it(`utf8 ${JSON.stringify(good)}`, () => assert.doesNotThrow(check('utf8', good)));
  }
  for (const char of [0, 1, 8, 0x0b, 0x0c, 0x0e, 0x1b, 0x1f, 0xfffe, 0xffff]) {
    it(`U+${char.toString(16).padStart(4, '0')} is refused in every type`, () => {
      const text = `a${String.fromCharCode(char)}b`;
      for (const type of ['json', 'utf8', 'atom_title'])
        refuses(check(type, text), 'payload-xml', /control character|XML/);
    });
  }
  for (const [what, bytes] of [
    ['a lone byte', [0xff]],
    ['half a character', [0xe2, 0x82]],
    ['an overlong form', [0xc0, 0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ] as const) {
    it(`${what} is refused as UTF-8`, () =>
      refuses(check('utf8', Buffer.from(bytes)), 'payload-utf8', /base64/));
  }

  it('are held against the type in the topic, not the node’s', () => {
    assert.doesNotThrow(() => prosodyMapping('json').checkPayload(wire('utf8'), Buffer.from('on')));
    refuses(() => prosodyMapping('utf8').checkPayload(wire('json'), Buffer.from('on')), 'payload-json');
  });

  it('that come empty are explained, others not', () => {
    assert.match(
      inEnglish(prosodyMapping().explainPayload(wire('utf8'), Buffer.alloc(0)) ?? words('nothing')),
      /not of the type utf8.*payload type/,
    );
    assert.equal(prosodyMapping().explainPayload(wire('json'), Buffer.from('1')), undefined);
  });
});
