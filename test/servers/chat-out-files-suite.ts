/** Pictures and other files on real servers (XEP-0363). */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ChatContext } from './chat-out-support';

/** A whole PNG of one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export function filesSuite(context: () => ChatContext, server: 'ejabberd' | 'prosody'): void {
  /** What lies at the address that ben got. */
  async function fetched(url: string | null | undefined): Promise<{ type: string | null; bytes: Buffer }> {
    const response = await fetch(String(url));
    assert.equal(response.status, 200);
    return {
      type: response.headers.get('content-type'),
      bytes: Buffer.from(await response.arrayBuffer()),
    };
  }

  it('the text first, then the picture, with its address in the body and beside it', async () => {
    const { ben, flow, say } = context();
    const before = ben.said.length;
    const [text] = await say({ payload: 'Look', attachment: PNG, filename: 'garten tür.png', alertId: 'P1' });
    const picture = (await ben.heard(before + 2))[before + 1];
    assert.equal(text?.getChildText('body'), 'Look');
    const url = picture?.getChildText('body');
    assert.equal(picture?.getChild('x', 'jabber:x:oob')?.getChildText('url'), url);
    assert.deepEqual(await fetched(url), { type: 'image/png', bytes: PNG });
    const sent = flow.at('sent').at(-1)?.xmpp as { id: string; files: string[] };
    assert.deepEqual([sent.id, sent.files], [text?.attrs.id, [url]]);
  });

  it('a later picture of an alert is a message of its own, and the edit behind it meets the text', async () => {
    const { say } = context();
    const [text] = await say({ payload: '🔴 #1 door: open', alertId: 'P2' });
    const [picture] = await say({ alertId: 'P2', attachment: PNG });
    const [edit] = await say({ payload: '🔴 #1 door: open ✔ acknowledged', replaces: { alertId: 'P2' } });
    const replaced = (stanza = text) => stanza?.getChild('replace', 'urn:xmpp:message-correct:0')?.attrs.id;
    assert.ok(picture?.getChild('x', 'jabber:x:oob'));
    assert.notEqual(picture?.attrs.id, text?.attrs.id);
    assert.equal(replaced(picture), undefined);
    assert.equal(replaced(edit), text?.attrs.id);
  });

  it('Buffers, data: URLs, paths and streams', async () => {
    const { folder, say } = context();
    mkdirSync(join(folder, 'cam'), { recursive: true });
    writeFileSync(join(folder, 'cam', 'plan.pdf'), '%PDF-1.7 a plan');
    const stream = Readable.from([Buffer.from('{"a":'), Buffer.from('1}')]);
    const cases: [object, RegExp, string][] = [
      [{ payload: PNG }, /image\/png/, PNG.toString()],
      [{ attachment: `data:image/png;base64,${PNG.toString('base64')}` }, /image\/png/, PNG.toString()],
      [{ attachment: 'cam/plan.pdf' }, /application\/pdf/, '%PDF-1.7 a plan'],
      [{ attachment: join(folder, 'cam/plan.pdf') }, /application\/pdf/, '%PDF-1.7 a plan'],
      [{ attachment: stream }, /application\/(json|octet-stream)/, '{"a":1}'],
    ];
    for (const [msg, type, bytes] of cases) {
      const [message] = await say({ ...msg });
      const file = await fetched(message?.getChildText('body'));
      assert.match(String(file.type), type);
      assert.equal(file.bytes.toString(), bytes);
    }
  });

  it('what a Buffer holds is read, or arrives with its type and name', async () => {
    const { say } = context();
    const wav = Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt '), Buffer.alloc(24)]);
    const body = async (msg: object) => (await say({ ...msg }))[0]?.getChildText('body') ?? '';
    const files: [object, string, RegExp][] = [
      [{ payload: PNG, topic: 'home/door/cam' }, 'cam.png', /^image\/png$/],
      [{ payload: wav, topic: 'home/bell' }, 'bell.wav', /^audio\/(x-)?wav$/],
      [
        { payload: Buffer.from('PK\x03\x04\0\xff', 'latin1'), topic: 'home/logs' },
        'logs.zip',
        /^application\/zip$/,
      ],
    ];
    for (const [msg, name, type] of files) {
      const url = await body(msg);
      assert.equal(new URL(url).pathname.split('/').at(-1), name);
      assert.match(String((await fetched(url)).type), type);
    }
    const texts: [unknown, string][] = [
      [Buffer.from('{"value":22.1,"unit":"°C"}'), '22.1 °C'],
      [Buffer.from('a26576616c7565fb403619999999999a64756e697463c2b043', 'hex'), '22.1 °C'],
      [Buffer.from('82a576616c7565ca41b0cccda4756e6974a3c2b043', 'hex'), '22.1 °C'],
      ['<!doctype html><title>Door</title>', 'HTML page, 34 B: Door'],
      [Buffer.from('#EXTM3U\nhttp://radio.example.org/a.mp3'), 'Playlist:\nhttp://radio.example.org/a.mp3'],
    ];
    for (const [payload, said] of texts) assert.equal(await body({ payload }), said);
  });

  it('what lies outside of the folder stays there, and the text goes all the same', async () => {
    const { ben, folder, refused } = context();
    symlinkSync('/etc', join(folder, 'link'));
    const before = ben.said.length;
    for (const path of ['/etc/hostname', '../x', 'link/hostname', 'link/../../etc/hostname', '..\0x']) {
      assert.equal(await refused({ payload: `with ${path.length}`, attachment: path }), 'attachment-outside');
    }
    assert.equal(await refused({ attachment: 'missing.png' }), 'attachment-missing');
    assert.equal(await refused({ attachment: 'cam' }), 'attachment-file');
    assert.equal(await refused({ attachment: 'cam/plan.pdf' }, 'quiet'), 'receiver-missing');
    assert.equal(
      await refused({ to: 'ben@localhost', attachment: 'cam/plan.pdf' }, 'quiet'),
      'attachment-folder',
    );
    await ben.heard(before + 5);
    assert.equal(ben.said.length, before + 5);
  });

  it('too large a file is refused before a byte of it is sent', async () => {
    const { refused } = context();
    // Prosody's limit is 10 MB; ejabberd has 100 MB, and streams have one of their own.
    const large = server === 'prosody' ? Buffer.alloc(11 * 1024 * 1024) : endless();
    assert.equal(await refused({ attachment: large }), 'attachment-large');
  });
}

function endless(): Readable {
  const chunk = Buffer.alloc(1024 * 1024);
  return new Readable({
    read() {
      this.push(chunk);
    },
  });
}
