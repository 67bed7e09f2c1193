import assert from 'node:assert/strict';
import { inEnglish } from '../../../../src/base/english';
import {
  brokerConfig,
  CONFIG_VERSION,
  migrate,
  type RawBroker,
  type RawCredentials,
} from '../../../../src/runtime/config/broker-config';

const ANNA = { jid: 'anna@example.org' };

function questionOf(raw: RawBroker, credentials?: RawCredentials) {
  const { question, problems } = brokerConfig(raw, credentials);
  assert.deepEqual(problems, []);
  return question;
}

/** The fields that have problems. */
function fieldsOf(raw: RawBroker, credentials?: RawCredentials): string[] {
  return brokerConfig(raw, credentials).problems.map(({ field }) => field);
}

/** As core's editor writes it into a flow, with another type. */
const CORES = {
  id: 'b1',
  type: 'dinox-broker',
  name: 'kitchen',
  broker: '192.168.1.5',
  port: '1884',
  clientid: 'node-red-1',
  autoConnect: true,
  usetls: false,
  protocolVersion: '5',
  keepalive: '30',
  cleansession: false,
  autoUnsubscribe: false,
  birthTopic: 'status/birth',
  birthQos: '1',
  birthRetain: 'true',
  birthPayload: 'online',
  birthMsg: { contentType: 'text/plain', userProps: '{"a":"b"}', respTopic: 'r', correl: 'c', expiry: '60' },
  closeTopic: 'status/close',
  closeQos: '0',
  closeRetain: 'false',
  closePayload: 'bye',
  closeMsg: {},
  willTopic: 'status/will',
  willQos: '2',
  willRetain: 'true',
  willPayload: 'gone',
  willMsg: { delay: '10' },
  userProps: '{"who":"me"}',
  sessionExpiry: '3600',
};

describe('broker config: nothing but the type', () => {
  it('has core’s defaults', () => {
    const config = brokerConfig({});
    assert.deepEqual(config.problems, []);
    assert.equal(config.unconfigured, true);
    assert.deepEqual(config.question, {
      serverType: 'auto',
      usetls: false,
      useXmppCredentials: true,
      transport: 'auto',
      protocolVersion: 4,
      allowUnencrypted: false,
    });
    assert.deepEqual(config.secrets, {});
    assert.equal(config.clientId, '');
    assert.equal(config.keepalive, 60);
    assert.equal(config.cleanSession, true);
    assert.equal(config.sessionExpiry, undefined);
    assert.equal(config.autoConnect, true);
    assert.equal(config.autoUnsubscribe, true);
    assert.equal(config.payloadType, 'json');
    assert.equal(config.history, '24h');
    assert.deepEqual(config.pubsub, {
      access: 'whitelist',
      publish: 'publishers',
      maxItems: 1,
      poll: 60_000,
    });
    assert.deepEqual(config.limits, { messages: 10_000, bytes: 16_777_216, ttl: 3_600_000 });
    assert.deepEqual(
      [config.birth, config.close, config.will, config.userProperties],
      [undefined, undefined, undefined, undefined],
    );
    assert.equal(config.askedUnverified, false);
  });

  it('and empty text is as good as none', () => {
    const empty = Object.fromEntries(
      [
        'jid',
        'host',
        'port',
        'serverType',
        'transport',
        'protocolVersion',
        'keepalive',
        'clientid',
        'payloadType',
        'nodeAccess',
        'nodePublish',
        'nodeMaxItems',
        'pubsubPoll',
        'queueMessages',
        'queueBytes',
        'queueTtl',
        'xmppService',
        'pubsubService',
        'sessionExpiry',
        'birthTopic',
      ].map((field) => [field, '']),
    );
    assert.deepEqual(brokerConfig(empty), brokerConfig({}));
  });

  for (const [field, value, says] of [
    ['pubsubPoll', '0', /10s and 1h/],
    ['pubsubPoll', '1s', /between 10s and 1h, but it is "1s"/],
    ['pubsubPoll', '2h', /between 10s and 1h/],
    ['pubsubPoll', 'abc', /abc/],
    ['nodeMaxItems', '0', /from 1 to 10000/],
    ['nodeAccess', 'everybody', /whitelist, open/],
    ['nodePublish', 'nobody', /publishers, subscribers, open/],
    ['pubsubService', 'no such', /space in the domain/],
    ['pubsubService', 'ben@example.org', /or the account itself/],
  ] as const) {
    it(`${field} "${value}" over PubSub: a problem that says what may be there`, () => {
      const { problems } = brokerConfig({
        jid: 'anna@example.org',
        transport: 'pubsub',
        configVersion: 1,
        [field]: value,
      });
      assert.deepEqual(
        problems.map((problem) => problem.field),
        [field],
      );
      assert.match(inEnglish(problems[0]?.text ?? { key: '' }), says);
    });
  }

  it('PubSub needs an account; its personal nodes are a service', () => {
    const fields = (raw: object): string[] =>
      brokerConfig({ transport: 'pubsub', configVersion: 1, ...raw }).problems.map(({ field }) => field);
    assert.deepEqual(fields({ host: 'broker' }), ['jid']);
    assert.deepEqual(fields({ jid: 'anna@example.org', pubsubService: 'anna@example.org' }), []);
    assert.deepEqual(fields({ jid: 'anna@example.org', pubsubService: 'pubsub.example.org' }), []);
  });

  it('never throws, whatever a flow file holds', () => {
    const odd: unknown[] = [null, 7, true, [], {}, 'x', Number.NaN, '\0', () => {}];
    for (const field of [
      ...Object.keys(CORES),
      'jid',
      'host',
      'url',
      'usews',
      'serverType',
      'transport',
      'pubsubService',
      'xmppService',
      'payloadType',
      'nodeAccess',
      'nodeMaxItems',
      'pubsubPoll',
      'queueTtl',
      'configVersion',
      'compatmode',
      'verifyservercert',
    ]) {
      for (const value of odd)
        assert.doesNotThrow(() => brokerConfig({ ...CORES, [field]: value }), `${field}: ${String(value)}`);
    }
  });
});

describe('broker config: a flow of core’s with another type', () => {
  const config = brokerConfig(CORES, { user: 'u', password: 'p' });

  it('has no problems', () => assert.deepEqual(config.problems, []));

  it('connects where it did', () => {
    assert.deepEqual(config.question, {
      serverType: 'auto',
      host: '192.168.1.5',
      port: 1884,
      usetls: false,
      useXmppCredentials: true,
      transport: 'auto',
      protocolVersion: 5,
      allowUnencrypted: false,
    });
    assert.deepEqual(config.secrets, { user: 'u', mqttPassword: 'p' });
    assert.equal(config.unconfigured, false);
  });

  it('keeps the session as it did', () => {
    assert.equal(config.clientId, 'node-red-1');
    assert.equal(config.keepalive, 30);
    assert.equal(config.cleanSession, false);
    assert.equal(config.sessionExpiry, 3_600);
    assert.equal(config.autoUnsubscribe, false);
    assert.deepEqual(config.userProperties, { who: 'me' });
  });

  it('says the same at birth, close and death', () => {
    assert.deepEqual(config.birth, {
      topic: 'status/birth',
      payload: 'online',
      qos: 1,
      retain: true,
      properties: {
        contentType: 'text/plain',
        userProperties: { a: 'b' },
        responseTopic: 'r',
        correlationData: Buffer.from('c'),
        messageExpiryInterval: 60,
      },
    });
    assert.deepEqual(config.close, { topic: 'status/close', payload: 'bye', qos: 0, retain: false });
    assert.deepEqual(config.will, {
      topic: 'status/will',
      payload: 'gone',
      qos: 2,
      retain: true,
      willDelayInterval: 10,
    });
  });

  it('with a will delay at the will only', () => {
    assert.equal(brokerConfig({ ...CORES, birthMsg: { delay: '10' } }).birth?.willDelayInterval, undefined);
  });

  it('of old times: compatmode is MQTT 3.1, url is the host, an empty host is this machine', () => {
    assert.equal(questionOf({ ...CORES, protocolVersion: undefined, compatmode: true }).protocolVersion, 3);
    assert.equal(questionOf({ ...CORES, protocolVersion: undefined, compatmode: false }).protocolVersion, 4);
    assert.equal(questionOf({ ...CORES, broker: '' }).host, 'localhost');
    assert.equal(questionOf({ broker: 'h' }).port, undefined);
  });

  it('that asks for no verification is remembered, not obeyed', () => {
    assert.equal(brokerConfig({ ...CORES, usetls: true, verifyservercert: false }).askedUnverified, true);
    assert.equal(brokerConfig({ ...CORES, usetls: true, verifyservercert: true }).askedUnverified, false);
    assert.equal(brokerConfig({ ...CORES, usetls: false, verifyservercert: false }).askedUnverified, false);
  });

  it('with usews goes over WebSocket', () => {
    assert.equal(questionOf({ ...CORES, usews: true }).scheme, 'ws');
    assert.equal(questionOf({ ...CORES, usews: true, usetls: true }).scheme, 'wss');
  });

  it('knows when it is this machine', () => {
    assert.equal(brokerConfig({ broker: 'localhost' }).isThisMachine, true);
    assert.equal(brokerConfig({ host: '127.0.0.1' }).isThisMachine, true);
    assert.equal(config.isThisMachine, false);
  });
});

describe('broker config: our own fields', () => {
  it('all of them', () => {
    const config = brokerConfig(
      {
        configVersion: 1,
        jid: 'Anna@Example.org/home',
        serverType: 'prosody',
        host: 'mqtt.example.org',
        port: '8884',
        usetls: 'true',
        useXmppCredentials: false,
        transport: 'mqtt',
        pubsubService: ' pubsub.example.org ',
        payloadType: 'utf8',
        allowUnencrypted: true,
        xmppService: 'xmpps://x.example.org:5270',
        protocolVersion: 'auto',
        queueMessages: '5',
        queueBytes: 1_000,
        queueTtl: '1h30m',
      },
      { password: 'x', user: 'u', mqttPassword: 'm' },
    );
    assert.deepEqual(config.problems, []);
    assert.deepEqual(config.question, {
      jid: { local: 'anna', domain: 'example.org', resource: 'home', bare: 'anna@example.org' },
      serverType: 'prosody',
      host: 'mqtt.example.org',
      port: 8_884,
      usetls: true,
      useXmppCredentials: false,
      transport: 'mqtt',
      pubsubService: 'pubsub.example.org',
      xmppService: { host: 'x.example.org', port: 5_270, directTls: true },
      protocolVersion: 'auto',
      allowUnencrypted: true,
    });
    assert.deepEqual(config.secrets, { password: 'x', user: 'u', mqttPassword: 'm' });
    assert.equal(config.payloadType, 'utf8');
    assert.deepEqual(config.limits, { messages: 5, bytes: 1_000, ttl: 5_400_000 });
  });

  it('a JID alone asks for everything', () => {
    const question = questionOf(ANNA);
    assert.equal(question.host, undefined);
    assert.equal(question.port, undefined);
    assert.equal(brokerConfig(ANNA).unconfigured, false);
  });

  const hosts: [typed: string, host: string, scheme?: string, port?: number, path?: string][] = [
    ['h', 'h'],
    [' mqtt.example.org ', 'mqtt.example.org'],
    ['192.168.1.5', '192.168.1.5'],
    ['::1', '::1'],
    ['[fe80::1%eth0]', 'fe80::1%eth0'],
    ['wss://h/mqtt', 'h', 'wss', 443, '/mqtt'],
    ['wss://h:5443/mqtt?x=1', 'h', 'wss', 5443, '/mqtt?x=1'],
    ['ws://h', 'h', 'ws', 80, '/'],
    ['mqtt://h', 'h', 'mqtt'],
    ['mqtt://h:1884', 'h', 'mqtt', 1884],
    ['tcp://h', 'h', 'mqtt'],
    ['mqtts://h:8884', 'h', 'mqtts', 8884],
    ['ssl://h', 'h', 'mqtts'],
    ['tls://h', 'h', 'mqtts'],
    ['mqtts://[::1]:8883', '::1', 'mqtts', 8883],
  ];
  for (const [typed, host, scheme, port, path] of hosts) {
    it(`host ${typed}`, () => {
      const question = questionOf({ host: typed });
      assert.deepEqual(
        [question.host, question.scheme, question.port, question.path],
        [host, scheme, port, path],
      );
      assert.equal(question.usetls, scheme === 'mqtts' || scheme === 'wss');
    });
  }

  it('a port in the host counts before the field', () => {
    assert.equal(questionOf({ host: 'mqtt://h:1884', port: '1999' }).port, 1_884);
    assert.equal(questionOf({ host: 'mqtt://h', port: '1999' }).port, 1_999);
  });

  const services: [typed: string, host: string, port: number, directTls: boolean][] = [
    ['xmpp://h', 'h', 5222, false],
    ['xmpps://h', 'h', 5223, true],
    ['xmpp://h:5233/', 'h', 5233, false],
    ['XMPPS://[::1]:443', '::1', 443, true],
  ];
  for (const [typed, host, port, directTls] of services) {
    it(`xmppService ${typed}`, () =>
      assert.deepEqual(questionOf({ ...ANNA, xmppService: typed }).xmppService, { host, port, directTls }));
  }
});

describe('broker config: secrets', () => {
  const secrets = (raw: RawBroker, credentials: RawCredentials) => brokerConfig(raw, credentials).secrets;

  it('without a JID the password is the MQTT one', () => {
    assert.deepEqual(secrets({ host: 'h' }, { user: 'u', password: 'p' }), { user: 'u', mqttPassword: 'p' });
  });

  it('with a JID it is the account’s', () => {
    assert.deepEqual(secrets(ANNA, { password: 'p' }), { password: 'p' });
    assert.deepEqual(secrets(ANNA, { password: 'p', user: 'u', mqttPassword: 'm' }), {
      password: 'p',
      user: 'u',
      mqttPassword: 'm',
    });
  });

  it('core’s password never becomes the account’s, and a new one is asked for', () => {
    const raw = { ...CORES, ...ANNA };
    const config = brokerConfig(raw, { user: 'u', password: 'p' });
    assert.equal(config.secrets.password, undefined);
    assert.deepEqual(config.secrets, { user: 'u', mqttPassword: 'p' });
    assert.deepEqual(
      config.problems.map(({ field }) => field),
      ['password'],
    );
    assert.equal(config.problems[0]?.text.key, 'config.passwordOfUser');
  });

  it('nor where the MQTT login stays as it was', () => {
    const config = brokerConfig(
      { ...CORES, ...ANNA, useXmppCredentials: false },
      { user: 'u', password: 'p' },
    );
    assert.deepEqual(config.secrets, { user: 'u', mqttPassword: 'p' });
    assert.deepEqual(config.problems, []);
  });

  it('no secret stands anywhere else', () => {
    const { secrets: _, ...rest } = brokerConfig(
      { ...CORES, ...ANNA },
      { user: 'u', password: 'secret-1', mqttPassword: 'secret-2' },
    );
    assert.doesNotMatch(JSON.stringify(rest), /secret-/);
  });
});

describe('broker config: what is wrong is named with its field', () => {
  const table: [field: string, values: unknown[], says: RegExp][] = [
    ['port', ['0', 0, '70000', 'abc', '-1', '1.5', '0x', 65_536], /whole number from 1 to 65535/],
    ['host', ['h/mqtt', 'example.org/'], /path but no scheme.*wss:\/\//],
    ['host', ['h:1883', '::1:zz'], /port into its own field/],
    ['host', ['a b', 'u@h', 'h?', '<h>'], /neither a host name/],
    ['host', ['http://h', 'file:///x'], /not known here.*mqtt, mqtts, ws or wss/],
    ['host', ['wss://', 'mqtt://'], /not a URL|names no host/],
    ['host', ['wss://u:p@h/mqtt', 'mqtt://u@h'], /into their own fields/],
    ['jid', ['@', 'a@', 'a@b/', 'a b@c', '@b', 'a@b@c', 'a@b c'], /is not a JID/],
    [
      'xmppService',
      ['h', 'h:5222', 'http://h', 'xmpp://', 'xmpp://h:0', 'xmpp://h:70000', 'xmpp://a b'],
      /xmpp:\/\/host:port|no host|The port in|neither a host/,
    ],
    ['serverType', ['openfire'], /auto, ejabberd, prosody, mosquitto/],
    ['transport', ['carrier pigeon'], /auto, mqtt, pubsub/],
    ['payloadType', ['xml'], /json, utf8, atom_title/],
    ['history', ['30d', 'week'], /24h, 7d/],
    ['protocolVersion', ['6', '2', 'x', 3.5], /auto, 5, 4 or 3/],
    ['keepalive', ['-1', '65536', 'x'], /0 to 65535/],
    ['sessionExpiry', ['-1', '4294967296', 'x'], /0 to 4294967295/],
    ['queueMessages', ['-1', 'many'], /whole number/],
    ['queueBytes', ['-1', '16MB'], /whole number/],
    ['queueTtl', ['soon', '-1h', '1y', 'h'], /30s, 5m or 1h30m/],
    ['willTopic', ['a/#', '+', 'a\0'], /wildcard|control character/],
    ['birthTopic', ['a/#'], /wildcard/],
  ];
  for (const [field, values, says] of table) {
    for (const value of values) {
      it(`${field} ${JSON.stringify(value)}`, () => {
        const { problems } = brokerConfig({ host: 'h', [field]: value });
        assert.deepEqual(
          problems.map((problem) => problem.field),
          [field],
        );
        const why = problems[0] ? inEnglish(problems[0].text) : '';
        assert.match(why, says);
        assert.ok(why.length < 400);
      });
    }
  }

  it('several at once', () => {
    assert.deepEqual(fieldsOf({ jid: '@', port: '0', keepalive: 'x' }).sort(), ['jid', 'keepalive', 'port']);
  });

  it('the QoS of an announcement', () => {
    assert.deepEqual(fieldsOf({ host: 'h', willTopic: 'a', willQos: '3' }), ['willQos']);
    assert.deepEqual(fieldsOf({ host: 'h', willTopic: 'a', willMsg: { delay: '-1' } }), ['willMsg.delay']);
  });
});

describe('broker config: migrations', () => {
  it('leave a node of today alone', () => {
    const raw = { configVersion: CONFIG_VERSION, host: '', broker: 'x', jid: 'a@b' };
    assert.equal(migrate(raw), raw);
  });

  it('bring core’s names to ours', () => {
    assert.equal(migrate({ broker: 'b' }).host, 'b');
    assert.equal(migrate({ url: 'wss://u', broker: 'b' }).host, 'wss://u');
    assert.equal(migrate({ host: 'h', broker: 'b' }).host, 'h');
  });

  it('change nothing else, and not the flow’s own object', () => {
    const raw = Object.freeze({ broker: 'b', keepalive: '7', unknown: { x: 1 } });
    assert.deepEqual(migrate(raw), { ...raw, host: 'b' });
  });
});
