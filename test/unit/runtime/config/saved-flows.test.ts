/** Flows as they were saved by every version that there was: they are read without a word, and mean the same. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inSettings } from '../../../../src/nodes/dinox-mqtt-in/config';
import { mqttOutSettings } from '../../../../src/nodes/dinox-mqtt-out/config';
import {
  type BrokerConfig,
  brokerConfig,
  CONFIG_VERSION,
  type RawBroker,
} from '../../../../src/runtime/config/broker-config';

const FOLDER = join(__dirname, '../../../fixtures/flows');

function flow(name: string): RawBroker[] {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as RawBroker[];
}

function read(name: string, credentials = {}): { config: BrokerConfig; nodes: RawBroker[] } {
  const [raw = {}, ...nodes] = flow(name);
  return { config: brokerConfig(raw, credentials), nodes };
}

describe('saved flows', () => {
  it('has one of every version, and none has a problem', () => {
    const names = readdirSync(FOLDER).map((file) => file.replace('.json', ''));
    const versions = Array.from({ length: CONFIG_VERSION }, (_, index) => `config-${index + 1}`);
    assert.deepEqual(names.sort(), [...versions, 'core', 'core-old'].sort());
    for (const name of names) assert.deepEqual(read(name, { password: 'x' }).config.problems, [], name);
  });

  it("core's, with the types exchanged", () => {
    const { config, nodes } = read('core', { user: 'cellar', password: 'secret' });
    const { question, secrets, will, birth, keepalive, cleanSession, sessionExpiry, userProperties } = config;
    assert.deepEqual(question, {
      serverType: 'auto',
      host: 'mqtt.example.org',
      port: 8883,
      usetls: true,
      useXmppCredentials: true,
      transport: 'auto',
      protocolVersion: 5,
      allowUnencrypted: false,
    });
    assert.deepEqual(secrets, { user: 'cellar', mqttPassword: 'secret' });
    assert.equal(config.askedUnverified, true, 'it asked not to verify, and is verified');
    assert.deepEqual(
      { keepalive, cleanSession, sessionExpiry, userProperties },
      { keepalive: 15, cleanSession: false, sessionExpiry: 3600, userProperties: { house: '1' } },
    );
    assert.deepEqual([will?.topic, will?.willDelayInterval], ['cellar/will', 5]);
    assert.deepEqual([birth?.topic, birth?.retain, birth?.qos], ['cellar/birth', true, 1]);
    const [receiving = {}, sending = {}] = nodes;
    assert.deepEqual(inSettings(receiving).options, { qos: 1, nl: true, rap: false, rh: 1 });
    assert.equal(mqttOutSettings(sending).properties?.messageExpiryInterval, 30);
  });

  it("core's from years ago, which says little", () => {
    const { config, nodes } = read('core-old');
    assert.equal(config.question.protocolVersion, 3, 'compatmode was MQTT 3.1');
    assert.deepEqual(config.limits, { messages: 10_000, bytes: 16_777_216, ttl: 3_600_000 });
    assert.equal(config.isThisMachine, true);
    const [receiving = {}] = nodes;
    assert.equal(inSettings(receiving).datatype, 'utf8', "core's default where nothing is said");
  });

  it('version 1', () => {
    const { config } = read('config-1', { password: 'geheim' });
    assert.deepEqual(config.question.jid?.bare, 'nodered@example.org');
    assert.deepEqual(config.secrets, { password: 'geheim' });
    assert.deepEqual([config.question.protocolVersion, config.queuePersist], ['auto', false]);
  });
});
