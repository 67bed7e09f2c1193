/** What the dialog of `xmpp-out` shows and sends, without Node-RED. */
import assert from 'node:assert/strict';
import { TooOften } from '../../../../src/base/rate-limit';
import { entries, toggled, typedAt, withEntry } from '../../../../src/editor/typed-list';
import { testRequest } from '../../../../src/nodes/xmpp-out/admin';
import { outSettings } from '../../../../src/nodes/xmpp-out/config';
import { MADE_UP, previewsOf, sampleOf } from '../../../../src/nodes/xmpp-out/sample';
import { type TestMessageRequest, TestMessages } from '../../../../src/runtime/chat/test-message';
import { XmppError } from '../../../../src/xmpp/errors';
import { RecipientKinds } from '../../../../src/xmpp/rooms/recipient-kinds';
import { Rooms } from '../../../../src/xmpp/rooms/rooms';
import { SentMessages } from '../../../../src/xmpp/sent-messages';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas, turns } from '../../xmpp/out-stanzas';

const COMMA = /[,\n]/;

describe('xmpp-out: the preview', () => {
  it('shows the last message in every format, as it is sent', () => {
    const payload = { value: 81.5, unit: '°C' };
    const sample = sampleOf({ payload, topic: 'home/boiler' }, 5) ?? MADE_UP;
    payload.value = 0;
    const { full, short, file, payload: plain } = previewsOf(sample);
    assert.deepEqual(
      [full.text, short.text, plain.text],
      ['MQTT [home/boiler]\n81.5 °C', '[home/boiler] 81.5 °C', '81.5 °C'],
    );
    assert.deepEqual(file.file, { name: 'boiler.json', bytes: 8, text: '81.5 °C' });
    assert.match(previewsOf(MADE_UP).full.text ?? '', /home\/kitchen/);
  });

  it('keeps little of what is large, and says what cannot be sent', () => {
    const long = sampleOf({ payload: 'x'.repeat(100_000), topic: 'y'.repeat(9_000) }, 0) ?? MADE_UP;
    assert.ok(JSON.stringify(long).length < 5_000);
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    assert.equal(sampleOf({ payload: circle }, 0), undefined);
    assert.equal(sampleOf({}, 0), undefined);
    const picture = sampleOf({ payload: Buffer.alloc(1_000_000), attachment: ['a'] }, 0) ?? MADE_UP;
    assert.deepEqual([picture.files, picture.payload, previewsOf(picture).full], [2, '', {}]);
    const faulty = Object.assign(new Error(), { message: Symbol('no text') });
    assert.equal(sampleOf({ payload: faulty }, 0), undefined);
    const broken = previewsOf({ payload: Symbol('x'), files: 0 });
    assert.equal(broken.payload.error?.code, 'payload-type');
  });
});

describe('xmpp-out: a test message', () => {
  const settings = (def: object) => outSettings({ to: 'anna@example.org', ...def });

  it('says that it is one, and goes to few', () => {
    assert.equal(testRequest(settings({}), MADE_UP, 'Test').text, 'Test\n22.1 °C');
    const file = testRequest(settings({ format: 'file' }), MADE_UP, 'Test');
    assert.deepEqual([file.text, file.files.length], ['Test', 1]);
    const many = Array.from({ length: 21 }, (_, at) => `a${at}@example.org`).join();
    assert.throws(() => testRequest(settings({ to: many }), MADE_UP, 'Test'), { code: 'receiver-many' });
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
    stanzas.become({ phase: 'waiting', at: 0, reason: new XmppError('network', 'connection refused') });
    const id = start('anna@example.org');
    clock.advance(20_000);
    await turns();
    const [at] = tests.view(id)?.receivers ?? [];
    assert.deepEqual(at?.fault, {
      code: 'session',
      params: { failure: 'network' },
      text: 'connection refused',
    });
    assert.deepEqual([stanzas.sent.length, users], [0, []]);
    for (let more = 0; more < 4; more += 1) start('anna@example.org');
    assert.throws(() => start('anna@example.org'), TooOften);
    clock.advance(60_001);
    start('anna@example.org');
  });
});

const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

describe('editor: a field with several entries', () => {
  it('knows the one at the caret, and puts another in its place', () => {
    const text = 'anna@example.org, be, cleo@example.org';
    const typed = typedAt(text, 20, COMMA);
    assert.equal(typed.word, 'be');
    assert.deepEqual(withEntry(text, typed, 'ben@example.org'), {
      value: 'anna@example.org, ben@example.org, cleo@example.org',
      caret: 33,
    });
    assert.equal(typedAt('a, ', 3, COMMA).word, '');
  });

  it('takes out what is in it, and adds what is not', () => {
    assert.equal(
      toggled('anna@example.org', 'ben@example.org', COMMA, ', ').value,
      'anna@example.org, ben@example.org',
    );
    assert.equal(toggled('Anna@example.org,\n ben@x', 'anna@example.org', COMMA, ', ').value, 'ben@x');
    assert.deepEqual(entries(' a ,, b\n', COMMA), ['a', 'b']);
  });
});
