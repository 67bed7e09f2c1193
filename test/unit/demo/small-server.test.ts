import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { makeCertificate } from '../../../scripts/demo/chat/certificate';
import type { ChatServer } from '../../../scripts/demo/chat/server';
import { startSmallServer } from '../../../scripts/demo/chat/small-server';

const HEAD =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const LOGIN = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${Buffer.from('\0you\0secret').toString('base64')}</auth>`;

describe('the small chat server of npm start', () => {
  let server: ChatServer;
  const LOGIN_MS = 300;
  before(async () => {
    const certificate = makeCertificate('localhost', Date.now());
    const accounts = new Map([['you', 'secret']]);
    server = await startSmallServer({ domain: 'localhost', certificate, accounts }, LOGIN_MS);
  });
  after(() => server.close());

  /** What it says to somebody who says this, until it closes. */
  const saidTo = async (...parts: string[]): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
    let said = '';
    socket.on('data', (chunk) => (said += String(chunk))).on('error', () => {});
    await once(socket, 'secureConnect');
    for (const part of parts) socket.write(part);
    await once(socket, 'close');
    return said;
  };

  it('ends a stream that is no XML, and lives on', async () => {
    for (const wrong of [
      ['</a></b></c>'],
      [HEAD, '</a></b>', '</c><d>', '</e>'],
      [`${HEAD}</a></b></c>`],
      [`${HEAD}${LOGIN}</a></b></c>`, '</d>'],
    ])
      assert.match(await saidTo(...wrong), /not-well-formed/, wrong.join('|'));
    assert.match(await saidTo(`${HEAD}<x>${'y'.repeat(300_000)}`), /policy-violation/);
    assert.match(await saidTo(`${HEAD}</stream:stream>`), /mechanism/);
  });

  it('ends who does not log in within its time, and who guesses; its certificate outlasts it', async () => {
    const wrong = LOGIN.replace(/>.*</, `>${Buffer.from('\0you\0guess').toString('base64')}<`);
    const begin = performance.now();
    const guessed = await saidTo(HEAD, wrong, wrong, wrong, LOGIN);
    assert.equal(guessed.match(/not-authorized/g)?.length, 3);
    assert.match(guessed, /policy-violation/);
    assert.doesNotMatch(guessed, /success/);
    for (const words of [[], [HEAD], [HEAD, LOGIN]])
      assert.match(await saidTo(...words), /connection-timeout/, words.join('|'));
    assert.ok(performance.now() - begin >= 3 * (LOGIN_MS - 50));
    const { cert } = makeCertificate('localhost', Date.now());
    const end = Date.parse(new X509Certificate(cert).validTo);
    assert.ok(end > Date.now() + 9 * 365 * 86_400_000);
  });
});
