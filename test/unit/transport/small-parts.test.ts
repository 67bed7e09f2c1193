import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Backoff } from '../../../src/base/backoff';
import { profileOf } from '../../../src/servers/profiles';
import { plainMapping, type ServerProfile } from '../../../src/servers/profiles/profile';
import {
  type ConnectionCapabilities,
  capabilitiesOf,
  LARGEST_PACKET,
} from '../../../src/transport/capabilities';
import { adaptPublication } from '../../../src/transport/connection/adapt-publication';
import { VersionChoice } from '../../../src/transport/connection/version-choice';
import { InputError, LinkError, type ReasonCode } from '../../../src/transport/errors';
import type { Publication, PublishProperties } from '../../../src/transport/messages';
import {
  connackError,
  disconnectError,
  networkError,
  reasonText,
  takenOver,
} from '../../../src/transport/mqtt/reasons';
import { DuplicateFilter } from '../../../src/transport/subscriptions/duplicate-filter';
import { FakeClock } from './fake-clock';

describe('back-off', () => {
  it('doubles its ceiling from 2 s to 60 s, with full jitter from 1 s up', () => {
    const highest = new Backoff({ random: () => 0.999_999_999 });
    assert.deepEqual(
      Array.from({ length: 8 }, () => highest.next()),
      [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000],
    );
    const lowest = new Backoff({ random: () => 0 });
    assert.deepEqual(
      Array.from({ length: 5 }, () => lowest.next()),
      [1_000, 1_000, 1_000, 1_000, 1_000],
    );
  });

  it('starts anew after a connection that held, and only then', () => {
    const backoff = new Backoff({ random: () => 0.999_999_999 });
    for (let i = 0; i < 5; i++) backoff.next();
    backoff.held(4_999);
    assert.equal(backoff.next(), 60_000);
    backoff.held(5_000);
    assert.equal(backoff.next(), 2_000);
    backoff.next();
    backoff.reset();
    assert.equal(backoff.next(), 2_000);
  });

  it('backs off from failures, not from lines that worked: one that drops 20 s after each connect is up nine tenths of the time', () => {
    const highest = new Backoff({ random: () => 0.999_999_999 });
    let [up, down] = [0, 0];
    for (let loss = 0; loss < 100; loss++) {
      up += 20_000;
      highest.held(20_000);
      down += highest.next();
    }
    assert.ok(up / (up + down) > 0.9, `up ${Math.round((100 * up) / (up + down))} % of the time`);
  });

  it('stays within its bounds for ever', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (min, max, random) => {
          const backoff = new Backoff({ min, max, random: () => random });
          for (let i = 0; i < 2_000; i++) {
            const wait = backoff.next();
            assert.ok(wait >= min && wait <= Math.max(min, max), `${wait}`);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('what a connection can do', () => {
  const { capabilities } = profileOf('mosquitto');

  it('is the profile’s where the CONNACK says nothing', () => {
    const found = capabilitiesOf(capabilities, {} as never);
    assert.deepEqual(found, {
      ...capabilities,
      maximumPacketSize: LARGEST_PACKET,
      receiveMaximum: 1_000,
      topicAliasMaximum: 0,
      sessionExpiry: undefined,
    });
  });

  it('is what the CONNACK says', () => {
    const found = capabilitiesOf(capabilities, {
      properties: {
        maximumQoS: 1,
        retainAvailable: false,
        wildcardSubscriptionAvailable: false,
        sharedSubscriptionAvailable: false,
        subscriptionIdentifiersAvailable: false,
        maximumPacketSize: 1_000,
        receiveMaximum: 20,
        topicAliasMaximum: 10,
        sessionExpiryInterval: 300,
      },
    } as never);
    assert.deepEqual(found, {
      ...capabilities,
      maxQos: 1,
      retain: false,
      wildcards: false,
      shared: false,
      subscriptionIds: false,
      maximumPacketSize: 1_000,
      receiveMaximum: 20,
      topicAliasMaximum: 10,
      sessionExpiry: 300,
    });
  });

  it('is never more than the profile’s', () => {
    const said = {
      properties: {
        maximumQoS: 2,
        retainAvailable: true,
        wildcardSubscriptionAvailable: true,
        sharedSubscriptionAvailable: true,
        subscriptionIdentifiersAvailable: true,
      },
    };
    const prosody = profileOf('prosody').capabilities;
    const { maxQos, retain, wildcards, shared, subscriptionIds } = capabilitiesOf(prosody, said as never);
    assert.deepEqual(
      { maxQos, retain, wildcards, shared, subscriptionIds },
      { maxQos: 0, retain: false, wildcards: false, shared: false, subscriptionIds: false },
    );
  });
});

describe('copies of one message', () => {
  const text = (payload: string) => Buffer.from(payload);

  it('let the first pass and hold back as many as follow', () => {
    const copies = new DuplicateFilter(new FakeClock());
    assert.deepEqual(
      ['x', 'x', 'x', 'x', 'x', 'x'].map((payload) => copies.isFirst('t', text(payload), 3)),
      [true, false, false, true, false, false],
    );
  });

  it('tell messages apart that come mixed', () => {
    const copies = new DuplicateFilter(new FakeClock());
    const seen = (topic: string, payload: string) => copies.isFirst(topic, text(payload), 2);
    assert.deepEqual(
      [seen('t', 'x'), seen('t', 'y'), seen('u', 'x'), seen('t', 'y'), seen('t', 'x'), seen('u', 'x')],
      [true, true, true, false, false, false],
    );
  });

  it('wait for five seconds only', () => {
    const clock = new FakeClock();
    const copies = new DuplicateFilter(clock);
    assert.equal(copies.isFirst('t', text('x'), 2), true);
    clock.advance(4_999);
    assert.equal(copies.isFirst('t', text('x'), 2), false);
    assert.equal(copies.isFirst('t', text('x'), 2), true);
    clock.advance(5_000);
    assert.equal(copies.isFirst('t', text('x'), 2), true);
  });

  it('bring any mix of messages once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('t', 'u'), fc.constantFrom('x', 'y')), { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        (messages, number) => {
          const copies = new DuplicateFilter(new FakeClock());
          let passed = 0;
          for (const [topic, payload] of messages)
            for (let i = 0; i < number; i++) passed += copies.isFirst(topic, text(payload), number) ? 1 : 0;
          assert.equal(passed, messages.length);
        },
      ),
    );
  });

  it('keep no payload whose copies have all come', () => {
    const copies = new DuplicateFilter(new FakeClock());
    for (let i = 0; i < 1_000; i++)
      for (let copy = 0; copy < 2; copy++) copies.isFirst(`t/${i}`, text('large'), 2);
    const { awaited, size } = copies as unknown as { awaited: Map<string, unknown>; size: number };
    assert.deepEqual([awaited.size, size], [0, 0]);
  });

  it('keep a bounded number', () => {
    const copies = new DuplicateFilter(new FakeClock());
    for (let i = 0; i < 25_000; i++) copies.isFirst(`t/${i}`, text('x'), 2);
    const { awaited } = copies as unknown as { awaited: Map<string, unknown> };
    assert.ok(awaited.size <= 10_000, `${awaited.size}`);
  });
});

describe('reasons', () => {
  const code = (error: LinkError): [ReasonCode, boolean] => [error.code, error.fatal];

  it('a refused login stops; a refused version and a busy server do not', () => {
    for (const number of [4, 5, 134, 135, 138, 140])
      assert.deepEqual(
        code(connackError(number, 'mqtt://h:1883', 'as anna')),
        ['login', true],
        String(number),
      );
    for (const number of [1, 132]) assert.deepEqual(code(connackError(number, 'w', 'l')), ['version', false]);
    for (const number of [2, 3, 128, 133, 136, 137, 151, 159, 200])
      assert.deepEqual(code(connackError(number, 'w', 'l')), ['refused', false]);
  });

  it('name where, who, what and the number', () => {
    const { message } = connackError(5, 'mqtts://h:8883', 'as anna@example.org');
    assert.match(
      message,
      /^mqtts:\/\/h:8883 refused the login as anna@example\.org: not authorized \(5\)\. Check/,
    );
    assert.equal(reasonText(151), 'quota exceeded (151)');
    assert.equal(reasonText(77), 'unknown reason (77)');
  });

  it('a second client with the same id is named', () => {
    const error = disconnectError(142, undefined, 'mqtt://h:1883', 'dinox-1');
    assert.deepEqual(code(error), ['takenover', false]);
    assert.match(error.message, /"dinox-1" took over .* own client id/);
    assert.match(takenOver('w', 'id', true).message, /probably took over/);
  });

  it('a packet that is too large is a reason of its own, for the status', () => {
    const error = disconnectError(149, undefined, 'w', 'id');
    assert.deepEqual(code(error), ['toolarge', false]);
    assert.match(error.message, /packet too large \(149\)/);
  });

  it('another DISCONNECT says its reason', () => {
    assert.match(
      disconnectError(139, 'bye', 'w', 'id').message,
      /^w closed the connection: server shutting down \(139\), "bye"\.$/,
    );
    assert.match(disconnectError(139, undefined, 'w', 'id').message, /\(139\)\.$/);
  });

  const coded = (errorCode: string, message = 'm') => Object.assign(new Error(message), { code: errorCode });
  const table: [label: string, error: Error, code: ReasonCode, says: RegExp][] = [
    ['nothing listens', coded('ECONNREFUSED'), 'network', /nothing listens.*port/],
    ['no such name', coded('ENOTFOUND'), 'network', /name could not be found/],
    ['DNS is away', coded('EAI_AGAIN'), 'network', /DNS/],
    ['packets vanish', coded('ETIMEDOUT'), 'network', /firewall/],
    ['no route', coded('EHOSTUNREACH'), 'network', /no route/],
    ['reset', coded('ECONNRESET'), 'network', /was reset/],
    [
      'all addresses fail',
      new AggregateError([coded('ECONNREFUSED'), coded('ETIMEDOUT')], ''),
      'network',
      /nothing listens/,
    ],
    ['something unknown', coded('EWHAT', 'what?'), 'network', /what\?/],
    ['expired', coded('CERT_HAS_EXPIRED'), 'tls', /expired\. Renew/],
    ['self-signed', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls', /authority/],
    ['unknown authority', coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'tls', /authority/],
    [
      'another name',
      coded('ERR_TLS_CERT_ALTNAME_INVALID', 'h is not in the list'),
      'tls',
      /another name\. h is not/,
    ],
    ['no TLS there', coded('EPROTO', 'write EPROTO\nmore'), 'tls', /no TLS.*EPROTO$/],
    ['keep-alive', new Error('Keepalive timeout'), 'keepalive', /went silent/],
    ['no CONNACK', new Error('connack timeout'), 'timeout', /did not answer/],
    ['wrong SUBACK', new Error('Invalid suback QoS'), 'protocol', /broke the MQTT protocol: Invalid suback/],
  ];
  for (const [label, error, expected, says] of table) {
    it(`${label}: ${expected}`, () => {
      const found = networkError(error, 'mqtt://h:1');
      assert.equal(found.code, expected);
      assert.match(found.message, says);
      assert.match(found.message, /mqtt:\/\/h:1/);
      assert.equal(found.fatal, false);
      assert.equal(found.cause, error);
    });
  }

  it('leave alone what has a reason', () => {
    const error = new LinkError('unencrypted', 'no', true);
    assert.equal(networkError(error, 'w'), error);
  });
});

describe('the MQTT version', () => {
  const mosquitto = profileOf('mosquitto');
  const refused = new LinkError('version', 'no');

  it('is 5, then 3.1.1 after a refusal, which is remembered', () => {
    const versions = new VersionChoice('auto');
    assert.equal(versions.choose(mosquitto, undefined), 5);
    assert.equal(versions.fallsBack(mosquitto, 5, refused), true);
    assert.equal(versions.choose(mosquitto, undefined), 4);
    versions.works(4);
    assert.equal(versions.choose(mosquitto, 5), 4);
  });

  it('is what was probed', () => {
    assert.equal(new VersionChoice('auto').choose(mosquitto, 4), 4);
  });

  it('falls back where the server just closes, but not where it was reached before', () => {
    const closed = new LinkError('closed', 'no');
    assert.equal(new VersionChoice('auto').fallsBack(mosquitto, 5, closed), true);
    const versions = new VersionChoice('auto');
    versions.works(5);
    assert.equal(versions.fallsBack(mosquitto, 5, closed), false);
    assert.equal(new VersionChoice('auto').fallsBack(mosquitto, 5, new LinkError('network', 'no')), false);
  });

  it('has an end: when all were refused it starts over', () => {
    const versions = new VersionChoice('auto');
    assert.equal(versions.fallsBack(mosquitto, 5, refused), true);
    assert.equal(versions.fallsBack(mosquitto, 4, refused), false);
    assert.equal(versions.anyRefused, true);
    versions.startOver();
    assert.equal(versions.anyRefused, false);
    assert.equal(versions.choose(mosquitto, undefined), 5);
  });

  it('is never another than the one typed', () => {
    const versions = new VersionChoice(5);
    assert.equal(versions.fallsBack(mosquitto, 5, refused), false);
    assert.equal(versions.choose(profileOf('prosody'), 4), 5);
  });
});

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
        notice: (code, text) => notices.push(`${code}: ${text}`),
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
});
