import assert from 'node:assert/strict';
import { inEnglish } from '../../../../src/base/english';
import { profileOf } from '../../../../src/servers/profiles';
import { plainMapping, type ServerProfile } from '../../../../src/servers/profiles/profile';
import { type ConnectionCapabilities, capabilitiesOf } from '../../../../src/transport/capabilities';
import { adaptPublication } from '../../../../src/transport/connection/adapt-publication';
import { InputError } from '../../../../src/transport/errors';
import type { Publication, PublishProperties } from '../../../../src/transport/messages';

describe('preparing a message', () => {
  const notices: string[] = [];
  beforeEach(() => {
    notices.length = 0;
  });

  function prepared(
    publication: Partial<Publication>,
    changes: Partial<ConnectionCapabilities> = {},
    v5 = true,
    profile: ServerProfile = profileOf('mosquitto'),
  ): Publication {
    const capabilities = { ...capabilitiesOf(profile.capabilities, {} as never), ...changes };
    return adaptPublication(
      { topic: 'a', payload: 'x', qos: 0, retain: false, ...publication },
      {
        mapping:
          profile.type === 'prosody'
            ? profile.mapping({ pubsubService: 'pubsub.h', payloadType: 'json' })
            : plainMapping,
        capabilities,
        server: profile.label,
        v5,
        notice: (code, text) => notices.push(`${code}: ${inEnglish(text)}`),
      },
    );
  }

  it('changes nothing that the server takes', () => {
    const properties: PublishProperties = { contentType: 'a/b' };
    assert.deepEqual(prepared({ qos: 2, retain: true, properties }), {
      topic: 'a',
      payload: 'x',
      qos: 2,
      retain: true,
      properties,
    });
    assert.deepEqual(notices, []);
  });

  it('lowers the QoS and leaves the retained flag out, and says so', () => {
    assert.deepEqual(prepared({ qos: 2, retain: true, payload: '1' }, {}, false, profileOf('prosody')), {
      topic: 'pubsub.h/json/a',
      payload: '1',
      qos: 0,
      retain: false,
    });
    assert.equal(notices.length, 2);
    assert.match(
      String(notices[0]),
      /^qos-lowered: Prosody takes messages at QoS 0 at most: QoS 2 is lowered/,
    );
    assert.match(String(notices[1]), /^retain-dropped: Prosody keeps no retained/);
  });

  it('lowers to what the CONNACK allows', () => {
    assert.equal(prepared({ qos: 2 }, { maxQos: 1 }).qos, 1);
  });

  it('leaves properties out on 3.1.1, and names them', () => {
    assert.throws(() => prepared({ needsMqtt5: true }, {}, false), /needs MQTT 5/);
    assert.doesNotThrow(() => prepared({ needsMqtt5: true }));
    assert.deepEqual(prepared({ properties: { contentType: 'a', responseTopic: 'b' } }, {}, false), {
      topic: 'a',
      payload: 'x',
      qos: 0,
      retain: false,
    });
    assert.match(String(notices), /^properties-dropped: .*contentType, responseTopic/);
  });

  it('names none that nobody misses', () => {
    const properties = { userProperties: { 'dinox-bridge': 'x' } };
    assert.equal(prepared({ properties, isFineWithoutProperties: true }, {}, false).properties, undefined);
    assert.deepEqual(notices, []);
    assert.deepEqual(prepared({ properties, isFineWithoutProperties: true }).properties, properties);
  });

  it('keeps a topic alias within the server’s number only', () => {
    const alias = (topicAlias: number) =>
      prepared({ properties: { topicAlias, contentType: 'a' } }, { topicAliasMaximum: 10 }).properties;
    assert.deepEqual(alias(10), { topicAlias: 10, contentType: 'a' });
    assert.deepEqual(notices, []);
    assert.deepEqual(alias(11), { contentType: 'a' });
    assert.deepEqual(alias(0), { contentType: 'a' });
    assert.match(String(notices[0]), /^alias-dropped: .*up to 10; 11/);
  });

  it('refuses a packet larger than the server takes, by its bytes', () => {
    assert.doesNotThrow(() => prepared({ payload: 'ä'.repeat(400) }, { maximumPacketSize: 1_000 }));
    assert.throws(
      () => prepared({ payload: 'ä'.repeat(500) }, { maximumPacketSize: 1_000 }),
      (error) => {
        assert.ok(error instanceof InputError);
        assert.equal(error.code, 'payload-large');
        assert.match(error.message, /Mosquitto takes 1000 in one packet/);
        return true;
      },
    );
  });

  it('refuses a topic longer than the server takes, in the server’s form', () => {
    const long = (topic: string) => () => prepared({ topic, payload: '1' }, {}, false, profileOf('prosody'));
    // `pubsub.h/json/` has 14 bytes.
    assert.doesNotThrow(long('a'.repeat(241)));
    assert.throws(long('a'.repeat(242)), { code: 'topic-long' });
    assert.throws(() => prepared({ topic: 'a'.repeat(101) }, { maxTopicBytes: 100 }), { code: 'topic-long' });
  });

  it('refuses a payload that the server would swallow', () => {
    assert.throws(() => prepared({ payload: 'not json' }, {}, false, profileOf('prosody')), {
      code: 'payload-json',
    });
    assert.throws(() => prepared({ payload: Buffer.from([0xff]) }, {}, false, profileOf('prosody')), {
      code: 'payload-utf8',
    });
  });

  it('takes what a person said to a topic of JSON as a JSON text, and nothing else', () => {
    const wire = (payload: string, more: Partial<Publication> = {}) =>
      prepared({ payload, isSaid: true, ...more }, {}, false, profileOf('prosody')).payload;
    assert.deepEqual(
      ['ON', 'say "hi"', '{"target": 21}', '21', 'true'].map((one) => wire(one)),
      ['"ON"', '"say \\"hi\\""', '{"target": 21}', '21', 'true'],
    );
    assert.equal(wire('ON', { topic: 'pubsub.h/utf8/a' }), 'ON');
    assert.throws(
      () => prepared({ payload: Buffer.from([0xff]), isSaid: true }, {}, false, profileOf('prosody')),
      {
        code: 'payload-utf8',
      },
    );
  });
});
