import assert from 'node:assert/strict';
import { inEnglish } from '../../../../src/base/english';
import { xmppOutSettings } from '../../../../src/nodes/xmpp-out/config';
import { recipientsOf, requestOf } from '../../../../src/runtime/chat/chat-request';
import { SendError } from '../../../../src/xmpp/send-error';

const settings = (def: object = {}) => xmppOutSettings({ to: 'ben@example.org', ...def }, '/data');

const read = (msg: object, def: object = {}) =>
  requestOf(msg as Record<string, unknown>, settings(def), inEnglish);

const codeOf = (call: () => unknown): string => {
  try {
    call();
    return 'taken';
  } catch (error) {
    return error instanceof SendError ? error.code : String(error);
  }
};

describe('xmpp-out: what a message asks for', () => {
  it('recipients: normalised, each once, from the message before the node', () => {
    assert.deepEqual(recipientsOf(' Ben@Example.ORG,\nben@example.org\nxmpp:anna@example.org/Phone '), [
      'ben@example.org',
      'anna@example.org/Phone',
    ]);
    assert.deepEqual(recipientsOf(['a@b.example', 'xmpp:c@d.example?join']), ['a@b.example', 'c@d.example']);
    assert.deepEqual(read({ payload: 'x', to: 'anna@example.org' }).request.to, ['anna@example.org']);
    assert.deepEqual(read({ payload: 'x', to: '' }).request.to, ['ben@example.org']);
  });

  it('a text with everything beside it', () => {
    const { request, replaced } = read({
      payload: 'a\0b',
      kind: 'groupchat',
      thread: 't',
      subject: 'S',
      alertId: 7,
      replaces: { alertId: 'A' },
      chatState: 'active',
      hints: ['no-store'],
    });
    assert.equal(replaced, 1);
    assert.deepEqual(request, {
      to: ['ben@example.org'],
      kind: 'groupchat',
      text: 'a\uFFFDb',
      automatic: 1,
      files: [],
      subject: 'S',
      chatState: 'active',
      thread: 't',
      replaces: { alertId: 'A' },
      alertId: '7',
      hints: ['no-store'],
      receipt: true,
    });
  });

  it('a template says what is sent, and loses no alert and no answer where it does not fit', () => {
    const message = "Door {{ 'open' if payload.open else 'closed' }}";
    assert.equal(read({ payload: { open: true } }, { message }).request.text, 'Door open');
    assert.equal(
      read({ payload: { open: true }, topic: 'd' }, { message, format: 'short' }).request.text,
      '[d] Door open',
    );
    // A state alone says nothing, and a picture gets its words.
    assert.equal(read({ chatState: 'composing' }, { message: 'x' }).request.text, undefined);
    assert.equal(
      read({ attachment: Buffer.from('x'), topic: 'd' }, { message: '{{ topic }}' }).request.text,
      'd',
    );
    const bad = '{{ payload.nope }}';
    assert.equal(
      codeOf(() => read({ payload: { open: 1 } }, { message: bad })),
      'template',
    );
    const alert = read({ payload: { text: 'Freezer is warm' }, alertId: 'a' }, { message: bad });
    assert.deepEqual([alert.request.text, alert.fault?.code], ['Freezer is warm', 'template']);
    const answer = read({ payload: 'done', alert: { ok: true } }, { message: bad });
    assert.deepEqual([answer.request.text, answer.fault?.code], ['done', 'template']);
    // One for a sensor's door has no words for an alert.
    const ifs = '{% if payload.door is defined %}Door {{ payload.door }}{% endif %}';
    const plain = read({ payload: { text: 'Freezer is warm' }, alertId: 'a' }, { message: ifs });
    assert.deepEqual([plain.request.text, plain.fault], ['Freezer is warm', undefined]);
    assert.equal(
      codeOf(() => read({ payload: { lamp: 1 } }, { message: ifs })),
      'payload-empty',
    );
    const broken = settings({ message: '{{ a ? b : c }}' });
    assert.deepEqual(
      broken.problems.map(({ field }) => field),
      ['message'],
    );
    assert.equal(
      codeOf(() => read({ payload: 'x' }, { message: '{{ a ? b : c }}' })),
      'template',
    );
  });

  // The kind: two bots that hear each other.
  it('what a machine sends by itself says so, and how many of them there were in a row', () => {
    const depth = (msg: Record<string, unknown>): number | undefined =>
      read({ payload: 'x', ...msg }).request.automatic;
    const from = 'ben@example.org/phone';
    assert.equal(depth({}), undefined, 'a message of a flow');
    assert.equal(depth({ alertId: 'a' }), 1, 'an alert');
    assert.equal(depth({ alert: { cmd: 'status', ok: true } }), 1, 'an answer of an alert');
    assert.equal(depth({ xmpp: { from } }), 1, 'back to who wrote it');
    assert.equal(depth({ xmpp: { from, automatic: 2 } }), 3);
    assert.equal(depth({ to: 'anna@example.org', alertId: 'a', xmpp: { from } }), undefined, 'handed on');
    assert.equal(depth({ to: 'anna@example.org', xmpp: { from, automatic: 2 } }), 2);
    assert.throws(() => depth({ xmpp: { from, automatic: 5 } }), { code: 'automatic' });
  });

  it('files: a Buffer, attachments beside a text, and the format file', () => {
    const bytes = Buffer.from('x');
    const most = Number.POSITIVE_INFINITY;
    const buffer = read({ payload: bytes, filename: '/tmp/a.png' }).request;
    assert.deepEqual(
      [buffer.text, buffer.files],
      [undefined, [{ data: bytes, name: '/tmp/a.png', folder: '', most }]],
    );
    const both = read({ payload: 'look', attachment: ['a.png', bytes] }, { attachmentDir: '/srv' }).request;
    assert.equal(both.text, 'look');
    assert.deepEqual(both.files, [
      { data: 'a.png', name: undefined, folder: '/srv', most },
      { data: bytes, name: undefined, folder: '/srv', most },
    ]);
    const file = read({ payload: { a: 1 }, topic: 'home/report' }, { format: 'file' }).request;
    assert.equal(file.text, undefined);
    assert.deepEqual(
      file.files.map(({ data, name }) => [String(data), name]),
      [['{\n  "a": 1\n}', 'report.json']],
    );
    assert.equal(read({ attachment: bytes }).request.text, undefined);
    assert.equal(read({ payload: '', attachment: bytes }).request.text, undefined);
    assert.equal(read({ payload: ' ', subject: 'Heating' }).request.text, undefined);
    assert.equal(read({ payload: '', topic: 'a/b' }, { format: 'full' }).request.text, 'MQTT [a/b]\n');
  });

  it('a Buffer without a file name is what its content says', () => {
    const of = (msg: object, def: object = {}) => {
      const { text, files } = read(msg, def).request;
      return text ?? files.map(({ data, name }) => [name, (data as Buffer).length]);
    };
    assert.equal(
      of({ payload: Buffer.from('22.1'), unit: '°C', topic: 'a/b' }, { format: 'short' }),
      '[a/b] 22.1',
    );
    assert.equal(of({ payload: Buffer.from('{"value":22.1,"unit":"°C"}') }), '22.1 °C');
    assert.equal(of({ payload: Buffer.from('a16576616c7565fb403619999999999a', 'hex') }), '22.1', 'CBOR');
    assert.equal(of({ payload: Buffer.from('<html><title>Door</title></html>') }), 'HTML page, 32 B: Door');
    assert.equal(of({ payload: '<!DOCTYPE html>\n<p>x' }), 'HTML page, 20 B');
    assert.deepEqual(of({ payload: Buffer.from('ffd8ffe0', 'hex'), topic: 'home/cam' }), [['cam.jpg', 4]]);
    assert.deepEqual(of({ payload: Buffer.from('22.1'), topic: 'home/t' }, { format: 'file' }), [
      ['t.txt', 4],
    ]);
    assert.deepEqual(of({ payload: 'x'.repeat(1_001), topic: 'a/log' }, { maxText: 1 }), [
      ['log.txt', 1_001],
    ]);
    assert.deepEqual(of({ payload: Buffer.alloc(0) }), [['message.txt', 0]], 'refused as an empty file');
  });

  it('what cannot be sent', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const cases: [object, string, object?][] = [
      [{ payload: 'x' }, 'receiver-missing', { to: '' }],
      [{ payload: 'x', to: ' , \n' }, 'receiver-missing', { to: '' }],
      [{ payload: 'x', to: 'no body@example.org' }, 'receiver-jid'],
      [{ payload: 'x', to: 'a@b@c' }, 'receiver-jid'],
      [{ payload: 'x', to: 7 }, 'receiver-type'],
      [{ payload: 'x', to: [{}] }, 'receiver-type'],
      [{ payload: 'x', to: Array.from({ length: 101 }, (_, i) => `u${i}@example.org`) }, 'receiver-many'],
      [{}, 'payload-missing'],
      [{ payload: undefined }, 'payload-missing'],
      [{ payload: null }, 'payload-missing'],
      // It would ring, and say nothing.
      [{ payload: '' }, 'payload-empty'],
      [{ payload: ' \n' }, 'payload-empty'],
      [{ payload: { text: '' } }, 'payload-empty'],
      [{ payload: '', replaces: 'm1' }, 'payload-empty'],
      [{ payload: '' }, 'payload-empty', { format: 'file' }],
      [{ payload: circle }, 'payload-json'],
      [{ payload: { n: 1n } }, 'payload-json'],
      [{ payload: Symbol('s') }, 'payload-type'],
      [{ payload: 'x', kind: 'room' }, 'kind'],
      [{ payload: 'x', chatState: 'asleep' }, 'chat-state'],
      [{ payload: 'x', hints: 'loud' }, 'hint'],
      [{ payload: 'x', thread: {} }, 'property'],
      [{ payload: 'x', subject: [] }, 'property'],
      [{ payload: 'x', alertId: 'a'.repeat(501) }, 'property'],
      [{ payload: 'x', replaces: 7 }, 'replaces'],
      [{ payload: 'x', replaces: {} }, 'replaces'],
      [{ attachment: Array.from({ length: 21 }, () => 'a') }, 'attachment-many'],
    ];
    for (const [msg, code, def] of cases)
      assert.equal(
        codeOf(() => read(msg, def)),
        code,
        code,
      );
  });
});
