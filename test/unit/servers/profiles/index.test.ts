import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from '../../../../src/base/catalogue';
import { inEnglish } from '../../../../src/base/english';
import { profileOf, type ServerProfile } from '../../../../src/servers/profiles';

const TYPES = ['ejabberd', 'prosody', 'mosquitto'] as const;

describe('server profiles', () => {
  /** Fields that a profile may leave open, as its type says. */
  const optional = ['sessionLimit'];
  const optionalCapabilities = ['maxFilterLevels'];

  for (const type of TYPES) {
    it(`${type}: every field is set`, () => {
      const profile: ServerProfile = profileOf(type);
      const wanted = [
        'type',
        'label',
        'versions',
        'login',
        'capabilities',
        'overlapping',
        'subackTimeout',
        'subackHint',
        'mapping',
      ];
      assert.deepEqual(
        Object.keys(profile)
          .filter((key) => !optional.includes(key))
          .sort(),
        wanted.sort(),
      );
      assert.ok(Object.values(profile).every((value) => value !== undefined && value !== ''));
      assert.deepEqual(
        Object.keys(profile.capabilities)
          .filter((key) => !optionalCapabilities.includes(key))
          .sort(),
        [
          'confirmsUnsubscribe',
          'maxQos',
          'maxTopicBytes',
          'persistentSessions',
          'retain',
          'shared',
          'subscriptionIds',
          'wildcards',
          'will',
        ],
      );
      assert.equal(profile.type, type);
      assert.ok(profile.versions.length > 0);
      assert.ok(profile.subackTimeout > 0 && profile.subackTimeout <= 10_000, 'named within 10 s');
    });
  }

  it('are all that stand in the folder', () => {
    const folder = join(__dirname, '../../../../src/servers/profiles');
    const files = readdirSync(folder).filter((file) => !['index.ts', 'profile.ts'].includes(file));
    assert.deepEqual(files.sort(), TYPES.map((type) => `${type}.ts`).sort());
  });

  it('say what was measured on the servers', () => {
    const { ejabberd, prosody, mosquitto } = Object.fromEntries(
      TYPES.map((type) => [type, profileOf(type)]),
    ) as Record<(typeof TYPES)[number], ServerProfile>;
    assert.deepEqual(ejabberd.versions, [5, 4]);
    assert.equal(ejabberd.login, 'account');
    assert.equal(ejabberd.capabilities.maxFilterLevels, 8);
    assert.equal(ejabberd.capabilities.shared, false);
    assert.equal(ejabberd.overlapping, 'perFilter');
    assert.equal(ejabberd.sessionLimit, 300);
    assert.deepEqual(prosody.versions, [4]);
    assert.equal(prosody.login, 'none');
    assert.equal(prosody.capabilities.maxQos, 0);
    assert.equal(prosody.capabilities.maxTopicBytes, 255);
    assert.equal(prosody.capabilities.confirmsUnsubscribe, false);
    assert.match(inEnglish(text(prosody.subackHint)), /mod_pubsub_mqtt.*January 2024/);
    assert.deepEqual(mosquitto.versions, [5, 4]);
    assert.equal(mosquitto.login, 'configured');
    assert.equal(mosquitto.overlapping, 'unknown');
  });

  for (const type of ['ejabberd', 'mosquitto'] as const) {
    it(`${type} takes topics and payloads as they are`, () => {
      const mapping = profileOf(type).mapping({ payloadType: 'json' });
      assert.equal(mapping.toWire('a/b'), 'a/b');
      assert.equal(mapping.filterToWire('a/#'), 'a/#');
      assert.deepEqual(mapping.toPlain('pubsub.h/json/x'), { topic: 'pubsub.h/json/x' });
      assert.doesNotThrow(() => mapping.checkPayload('a', Buffer.from([0xff])));
      assert.equal(mapping.explainPayload('a', Buffer.alloc(0)), undefined);
    });
  }
});
