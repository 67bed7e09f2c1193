import assert from 'node:assert/strict';
import { inEnglish } from '../../../../src/base/english';
import { render } from '../../../../src/base/text';
import german from '../../../../src/base/texts/de.json';
import { brokerConfig, type RawBroker } from '../../../../src/runtime/config/broker-config';
import {
  configurationsFor,
  type FoundInDialog,
} from '../../../../src/runtime/connection-test/configuration-request';

const filesOf = (raw: RawBroker, found: FoundInDialog = {}) =>
  configurationsFor(brokerConfig({ configVersion: 1, usetls: true, ...raw }), found);
const textOf = (all: ReturnType<typeof filesOf>, server: string): string =>
  (all.find((one) => one.server === server)?.parts ?? []).map(({ text }) => inEnglish(text)).join('\n');
/** The lines that a server reads. */
const effective = (text: string): string[] => text.split('\n').filter((line) => !/^\s*(--|#|$)/.test(line));

describe('server configuration for a dialog', () => {
  it('is for the server that was found, with what was resolved', () => {
    const found = { where: 'xmpp:ps.example.org', software: 'Prosody 13.0.1', pubsub: 'ps.example.org' };
    const all = filesOf({ jid: 'anna@example.org' }, found);
    assert.deepEqual(
      all.map(({ server }) => server),
      ['prosody'],
    );
    const said = textOf(all, 'prosody');
    assert.match(said, /^Component "ps\.example\.org" "pubsub"$/m);
    assert.match(said, /^ {4}admins = \{ "anna@example\.org" \}$/m);
    assert.doesNotMatch(said, /^ *modules_enabled/m, 'PubSub needs no bridge');
  });

  it('loads the bridge where messages go over MQTT', () => {
    const found = { where: 'mqtts://localhost:8883', software: 'Prosody 13.0.1' };
    assert.match(textOf(filesOf({ jid: 'anna@example.org' }, found), 'prosody'), /^ {4}modules_enabled/m);
    const chosen = filesOf({ jid: 'anna@example.org', transport: 'mqtt', serverType: 'prosody' });
    assert.match(textOf(chosen, 'prosody'), /^ {4}modules_enabled/m);
  });

  it('names the port that ejabberd has, and bridges a Mosquitto to it', () => {
    const found = { where: 'mqtts://mqtt.example.org:8884', software: 'ejabberd 24.12' };
    const all = filesOf({ jid: 'anna@example.org/x' }, found);
    assert.deepEqual(
      all.map(({ server }) => server),
      ['ejabberd', 'mosquitto'],
    );
    assert.match(textOf(all, 'ejabberd'), /^ {4}port: 8884$/m);
    assert.match(textOf(all, 'ejabberd'), /^ {6}- "anna@example\.org"$/m);
    assert.match(textOf(all, 'mosquitto'), /^address mqtt\.example\.org:8884$/m);
    assert.match(textOf(all, 'mosquitto'), /^remote_username anna@example\.org$/m);
  });

  it('offers all where nobody knows the server, and nothing without an account', () => {
    assert.deepEqual(
      filesOf({ jid: 'anna@example.org' }).map(({ server }) => server),
      ['prosody', 'ejabberd', 'mosquitto'],
    );
    assert.deepEqual(filesOf({ host: 'nas.lan' }), []);
  });

  it('takes nothing from a finding that could break out of its line', () => {
    const bad = 'x"\nadmins = { "eve@example.org" }';
    const all = filesOf(
      { jid: 'anna@example.org' },
      { where: `mqtts://${bad}:8883`, software: bad, pubsub: bad },
    );
    for (const { server } of all) assert.doesNotMatch(textOf(all, server), /eve@/);
  });

  it('differs between the languages in comments only', () => {
    const words = (key: string): string => {
      const [room = '', name = ''] = key.split('.');
      return (german as Record<string, Record<string, string>>)[room]?.[name] ?? key;
    };
    for (const transport of ['mqtt', 'pubsub']) {
      for (const { parts } of filesOf({ jid: 'anna@example.org', transport })) {
        for (const { text } of parts) {
          const other = render(text, words, String);
          assert.notEqual(other, inEnglish(text));
          assert.deepEqual(effective(other), effective(inEnglish(text)));
        }
      }
    }
  });
});
