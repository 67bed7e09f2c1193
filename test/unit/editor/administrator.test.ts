import assert from 'node:assert/strict';
import { accountCommands, fingerprintCommand } from '../../../src/editor/administrator';

const ASKED = 'openssl s_client -connect localhost';
const SHOWN = '</dev/null | openssl x509 -noout -fingerprint -sha256';

describe('commands for an administrator', () => {
  it('ask the server itself for its certificate, as the client did (advice that can be followed here)', () => {
    const jid = 'bot@example.org';
    assert.equal(
      fingerprintCommand('xmpp://chat.example.net:5222', jid),
      `${ASKED}:5222 -starttls xmpp -xmpphost example.org ${SHOWN}`,
    );
    assert.equal(
      fingerprintCommand('xmpps://chat.example.net:5223', jid),
      `${ASKED}:5223 -servername example.org ${SHOWN}`,
    );
    assert.equal(
      fingerprintCommand('mqtts://mqtt.example.net:8883', jid),
      `${ASKED}:8883 -servername mqtt.example.net ${SHOWN}`,
    );
  });

  it('hold nothing that a shell would take for more than a word', () => {
    const file = 'openssl x509 -noout -fingerprint -sha256 -in certificate.pem';
    for (const where of ['xmpp://a;reboot:5222', 'xmpp://$(x):5222', 'xmpp://[::1]:5222', 'mqtts://-x:1', ''])
      assert.equal(fingerprintCommand(where, 'no JID'), file, where);
    for (const jid of ['a b@example.org', '-x@example.org', 'x@$(y)', 'example.org', ''])
      assert.deepEqual(accountCommands(jid), [], jid);
    assert.deepEqual(accountCommands('bot@example.org'), [
      ['Prosody', 'prosodyctl adduser bot@example.org'],
      ['ejabberd', 'ejabberdctl register bot example.org PASSWORD'],
    ]);
  });
});
