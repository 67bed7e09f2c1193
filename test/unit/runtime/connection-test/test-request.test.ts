/** What a connection test may use a stored password for. */
import assert from 'node:assert/strict';
import {
  type ReadDialog,
  readDialog,
  type SavedBroker,
} from '../../../../src/runtime/connection-test/test-request';

const SAVED: SavedBroker = {
  raw: { id: 'b', jid: 'anna@example.org', host: '', port: '', usetls: true, configVersion: 1 },
  credentials: { password: 'geheim' },
};
const asIs = (raw: Readonly<Record<string, unknown>>) => raw;

function read(config: object, credentials: object = { password: '__PWRD__' }, saved = SAVED): ReadDialog {
  return readDialog({ id: 'b', config: { ...SAVED.raw, ...config }, credentials }, saved, asIs);
}

const secretsOf = (result: ReadDialog) => ('config' in result ? result.config.secrets : result);

describe('what a connection test is asked for', () => {
  it('takes the stored password for what was saved', () => {
    assert.deepEqual(secretsOf(read({})), { password: 'geheim' });
    assert.deepEqual(secretsOf(read({ keepalive: '5', watch: 'x/#', protocolVersion: '4' })), {
      password: 'geheim',
    });
    assert.deepEqual(
      secretsOf(read({ jid: 'Anna@EXAMPLE.org/phone' })),
      { password: 'geheim' },
      'the same account',
    );
  });

  for (const change of [
    { jid: 'eve@example.org' },
    { jid: 'anna@evil.example' },
    { jid: '', host: 'evil.example' },
    { host: 'evil.example' },
    { host: 'wss://evil.example/mqtt' },
    { port: '1884' },
    { usetls: false },
    { xmppService: 'xmpp://evil.example:5222' },
    { allowUnencrypted: true },
    { useXmppCredentials: false },
    { serverType: 'mosquitto' },
    { tls: 'another' },
    { trusted: 'AB'.repeat(32) },
  ]) {
    it(`asks for it anew after ${JSON.stringify(change)}`, () => {
      assert.deepEqual(read(change), { error: 'retype' });
      assert.deepEqual(read(change, { mqttPassword: '__PWRD__' }), { error: 'retype' });
    });
  }

  it('asks for it where nothing is deployed', () => {
    const result = readDialog({ config: SAVED.raw, credentials: { password: '__PWRD__' } }, undefined, asIs);
    assert.deepEqual(result, { error: 'retype' });
  });

  it('takes what was typed for anything, and nothing else', () => {
    assert.deepEqual(secretsOf(read({ host: 'other.example' }, { password: 'neu' })), { password: 'neu' });
    assert.deepEqual(secretsOf(read({}, { password: 7, user: ['x'] })), {});
    assert.deepEqual(secretsOf(read({}, {})), {}, 'an emptied field is not filled from the store');
  });

  it("knows core's name for the host", () => {
    const cores: SavedBroker = {
      raw: { broker: 'mqtt.example.org', port: '1883', usetls: false },
      credentials: { user: 'u', password: 'p' },
    };
    const config = { host: 'mqtt.example.org', port: '1883', usetls: false, configVersion: 1 };
    const result = readDialog({ config, credentials: { user: 'u', password: '__PWRD__' } }, cores, asIs);
    assert.deepEqual(secretsOf(result), { user: 'u', mqttPassword: 'p' });
  });

  it('refuses what is no dialog', () => {
    for (const body of [undefined, null, [], 'x', {}, { config: [] }]) {
      assert.deepEqual(readDialog(body as never, SAVED, asIs), { error: 'body' });
    }
    const wrong = read({ port: '70000' }, {});
    assert.equal('field' in wrong && wrong.field, 'port');
    assert.deepEqual(read({ jid: '', host: '' }, {}), { error: 'config', field: 'jid' });
  });
});
