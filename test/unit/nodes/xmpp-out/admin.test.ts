import assert from 'node:assert/strict';
import { words } from '../../../../src/base/catalogue';
import { inEnglish } from '../../../../src/base/english';
import { TooOften } from '../../../../src/base/rate-limit';
import { shownSample, testRequest } from '../../../../src/nodes/xmpp-out/admin';
import { xmppOutSettings } from '../../../../src/nodes/xmpp-out/config';
import { Recorder } from '../../../../src/recorder/recorder';
import { MADE_UP } from '../../../../src/runtime/chat/message-sample';
import { type TestMessageRequest, TestMessages } from '../../../../src/runtime/chat/test-message';
import { XmppError } from '../../../../src/xmpp/errors';
import { RecipientKinds } from '../../../../src/xmpp/rooms/recipient-kinds';
import { Rooms } from '../../../../src/xmpp/rooms/rooms';
import { SentMessages } from '../../../../src/xmpp/sent-messages';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas, turns } from '../../xmpp/out-stanzas';

describe('xmpp-out: a test message', () => {
  const settings = (def: object) => xmppOutSettings({ to: 'anna@example.org', ...def });

  it('says that it is one, and goes to few', () => {
    assert.equal(testRequest(settings({}), MADE_UP, 'Test', inEnglish).text, 'Test\n22.1 °C');
    const file = testRequest(settings({ format: 'file' }), MADE_UP, 'Test', inEnglish);
    assert.deepEqual([file.text, file.files.length], ['Test', 1]);
    const many = Array.from({ length: 21 }, (_, at) => `a${at}@example.org`).join();
    assert.throws(() => testRequest(settings({ to: many }), MADE_UP, 'Test', inEnglish), {
      code: 'receiver-many',
    });
  });

  it('is about the message that the preview shows, also of a node that has had none', () => {
    const recorder = new Recorder(new FakeClock());
    recorder.take(
      {
        topic: 'z/door',
        payload: Buffer.from('{"contact":false}'),
        qos: 0,
        retain: false,
        dup: false,
      } as never,
      false,
    );
    const sources = [{ broker: 'b', filter: 'z/+' }];
    const { sample, from } = shownSample(undefined, sources, () => recorder);
    const message = "Door {{ 'closed' if payload.contact else 'open' }}";
    assert.equal(from, 'topic');
    assert.equal(testRequest(settings({ message }), sample, 'Test', inEnglish).text, 'Test\nDoor open');
    assert.equal(shownSample(MADE_UP, sources, () => recorder).from, 'node');
    for (const none of [undefined, 'x', [null], [{ broker: 'b', filter: 'other' }]])
      assert.equal(shownSample(undefined, none, () => recorder).sample, MADE_UP);
  });

  async function setUp() {
    const stanzas = await OutStanzas.make();
    const clock = new FakeClock();
    const users: string[] = [];
    const chat = {
      ...{ stanzas, rooms: new Rooms(stanzas, { clock }), kinds: new RecipientKinds(stanzas), uploads: {} },
      memory: new SentMessages(),
      register: ({ id }: { id: string }) => users.push(id),
      deregister: ({ id }: { id: string }) => {
        users.splice(users.indexOf(id), 1);
        return Promise.resolve();
      },
    };
    let count = 0;
    const tests = new TestMessages({ clock, newId: () => `id${++count}` });
    const start = (...to: string[]): string =>
      tests.start({
        ...{ chat: chat as unknown as TestMessageRequest['chat'], nick: 'bot', roomPassword: undefined },
        request: { ...{ to, kind: 'chat', text: 'Test', files: [], hints: [], receipt: true } },
      });
    return { stanzas, clock, users, tests, start };
  }

  it('is on its way, with the server, on the phone; one that comes back says why', async () => {
    const { stanzas, clock, users, tests, start } = await setUp();
    stanzas.takes = false;
    const id = start('anna@example.org', 'nobody@example.org');
    await turns();
    assert.deepEqual(
      tests.view(id)?.receivers.map(({ state }) => state),
      ['waiting', 'waiting'],
    );
    for (const { done } of stanzas.sent) done();
    await turns();
    const { xml } = stanzas;
    const [first, second] = stanzas.sent.map(({ stanza }) => stanza.attrs.id as string);
    stanzas.receive(
      xml(
        'message',
        { from: 'anna@example.org/phone' },
        xml('received', { xmlns: 'urn:xmpp:receipts', id: first ?? '' }),
      ),
    );
    const error = xml('error', { type: 'cancel' }, xml('service-unavailable', { xmlns: STANZAS }));
    stanzas.receive(xml('message', { type: 'error', from: 'nobody@example.org', id: second ?? '' }, error));
    const view = tests.view(id);
    assert.deepEqual(
      [view?.state, view?.receivers.map(({ state, fault }) => fault?.code ?? state)],
      ['sent', ['received', 'refused']],
    );
    assert.equal(users.length, 1);
    clock.advance(60_000);
    await turns();
    assert.deepEqual([tests.view(id)?.state, users], ['over', []]);
    clock.advance(60_000);
    assert.equal(tests.view(id), undefined);
  });

  it('without a session it says why, and there are few in a minute', async () => {
    const { stanzas, clock, users, tests, start } = await setUp();
    stanzas.become({
      phase: 'waiting',
      at: 0,
      reason: new XmppError('network', words('connection refused')),
    });
    const id = start('anna@example.org');
    clock.advance(20_000);
    await turns();
    const [at] = tests.view(id)?.receivers ?? [];
    assert.deepEqual(at?.fault, {
      code: 'session',
      params: { failure: 'network' },
      text: words('connection refused'),
    });
    assert.deepEqual([stanzas.sent.length, users], [0, []]);
    for (let more = 0; more < 4; more += 1) start('anna@example.org');
    assert.throws(() => start('anna@example.org'), TooOften);
    clock.advance(60_001);
    start('anna@example.org');
  });
});

const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
