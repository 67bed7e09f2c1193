import assert from 'node:assert/strict';
import { QuickDevices } from '../../../../src/xmpp/contacts/quick-devices';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas, turns } from '../out-stanzas';

const PHONE = 'anna@example.org/phone';
const INFO = 'http://jabber.org/protocol/disco#info';
const QUICK = 'urn:xmpp:tmp:quick-response';

async function setUp() {
  const session = await OutStanzas.make();
  const clock = new FakeClock();
  const devices = new QuickDevices(session, clock);
  const { xml } = session;
  let asked = 0;
  const answers = (jid: string, ...features: string[]): void => {
    session.answers.set(`${jid} ${INFO}`, () => {
      asked += 1;
      const query = xml('query', { xmlns: INFO }, ...features.map((one) => xml('feature', { var: one })));
      return xml('iq', { type: 'result' }, query);
    });
  };
  const comes = (jid: string, ver: string, type?: string): void =>
    session.receive(
      xml(
        'presence',
        { from: jid, ...(type !== undefined && { type }) },
        xml('c', { xmlns: 'http://jabber.org/protocol/caps', ver }),
      ),
    );
  return { session, devices, clock, answers, comes, asked: () => asked };
}

describe('devices that show quick responses', () => {
  it('are asked once when they write, and again when their capabilities have changed', async () => {
    const { devices, answers, comes, asked, clock } = await setUp();
    answers(PHONE, 'urn:xmpp:receipts');
    assert.equal(await devices.shows(PHONE), false);
    assert.equal(await devices.shows(PHONE), false);
    assert.equal(asked(), 1);
    answers(PHONE, 'urn:xmpp:receipts', QUICK);
    comes(PHONE, 'v2');
    await turns();
    assert.deepEqual([await devices.shows(PHONE), devices.has('anna@example.org'), asked()], [true, true, 2]);
    comes(PHONE, 'v2');
    await turns();
    assert.equal(asked(), 2);
    clock.advance(61 * 60_000);
    await devices.shows(PHONE);
    assert.equal(asked(), 3);
    comes(PHONE, '', 'unavailable');
    assert.equal(devices.has('anna@example.org'), false);
  });

  it('are others in a new session', async () => {
    const { session, devices, answers, comes } = await setUp();
    answers(PHONE, QUICK);
    devices.want('ben@example.org');
    await devices.shows(PHONE);
    session.become({ phase: 'online', jid: 'bot@example.org/y', resumed: true, where: '' });
    assert.equal(devices.has('anna@example.org'), true);
    session.become({ phase: 'online', jid: 'bot@example.org/z', resumed: false, where: '' });
    assert.equal(devices.has('anna@example.org'), false);
    comes(PHONE, 'v1');
    await turns();
    assert.equal(devices.has('anna@example.org'), true, 'and still wanted');
  });

  it('that say nothing show none, and nobody fails for it', async () => {
    const { devices } = await setUp();
    assert.equal(await devices.shows(PHONE), false);
    assert.equal(await devices.shows('anna@example.org'), false);
    assert.equal(await devices.shows('no address@@'), false);
  });

  it('of people to whom somebody writes are asked as they come; those of strangers are not', async () => {
    const { devices, answers, comes, asked } = await setUp();
    answers(PHONE, QUICK);
    comes(PHONE, 'v1');
    await turns();
    assert.equal(asked(), 0);
    devices.want('anna@example.org');
    comes(PHONE, 'v1');
    await turns();
    assert.deepEqual([devices.has('anna@example.org'), asked()], [true, 1]);
  });

  it('are the newest ones of a person: a client that calls itself anew each time says no farewell', async () => {
    const { devices, answers, clock } = await setUp();
    for (let count = 0; count < 12; count++) {
      const jid = `anna@example.org/gajim.${count}`;
      answers(jid, QUICK);
      assert.equal(await devices.shows(jid), true, jid);
      clock.advance(10_000);
    }
  });

  it('are asked a bounded number of times, however many there are', async () => {
    const { devices, answers, asked } = await setUp();
    for (let count = 0; count < 100; count++) {
      answers(`anna@example.org/${count}`, QUICK);
      await devices.shows(`anna@example.org/${count}`);
      answers(`p${count}@example.org/x`, QUICK);
      await devices.shows(`p${count}@example.org/x`);
    }
    assert.equal(asked(), 30);
  });
});
