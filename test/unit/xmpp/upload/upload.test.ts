import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { Element } from '@xmpp/client';
import { words } from '../../../../src/base/catalogue';
import type { TlsSettings } from '../../../../src/net/tls';
import { mediaType } from '../../../../src/xmpp/payload/media-type';
import { SendError } from '../../../../src/xmpp/send-error';
import { StanzaError } from '../../../../src/xmpp/stanzas';
import { type Attachment, type AttachmentSource, attachmentOf } from '../../../../src/xmpp/upload/attachment';
import { Uploads } from '../../../../src/xmpp/upload/upload';
import { certificates } from '../../../support/servers/certificates';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas } from '../out-stanzas';

const NS = 'urn:xmpp:http:upload:0';
const INFO = 'http://jabber.org/protocol/disco#info';
const ITEMS = 'http://jabber.org/protocol/disco#items';

async function code(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'done';
  } catch (error) {
    return error instanceof SendError ? error.code : String(error);
  }
}

describe('what a file is', () => {
  it('by its first bytes, else by its name, else by whether it is text', () => {
    const cases: [string | Buffer, string, string][] = [
      [Buffer.from('89504e470d0a1a0a00', 'hex'), 'a.jpg', 'image/png'],
      [Buffer.from('ffd8ffe0', 'hex'), '', 'image/jpeg'],
      ['GIF89a..', '', 'image/gif'],
      ['RIFF....WEBPVP8 ', '', 'image/webp'],
      ['%PDF-1.7', '', 'application/pdf'],
      ['\0\0\0\x18ftypmp42', '', 'video/mp4'],
      ['\0\0\0\x18ftypM4A ', '', 'audio/mp4'],
      ['\0\0\0\x18ftypavif', '', 'image/avif'],
      ['{"a": 1}', '', 'application/json'],
      ['{not json', '', 'text/plain'],
      ['plain ü', '', 'text/plain'],
      ['a;b', 'x.CSV', 'text/csv'],
      ['<svg/>', 'x.svg', 'image/svg+xml'],
      [Buffer.from('00ff12', 'hex'), '', 'application/octet-stream'],
      [Buffer.from('ff', 'hex'), '', 'application/octet-stream'],
      [Buffer.from(`${'x'.repeat(4_095)}ü`).subarray(0, 4_096), '', 'text/plain'],
    ];
    for (const [head, name, type] of cases) {
      assert.equal(mediaType(Buffer.from(head as string), name).type, type, `${head} ${name}`);
    }
  });
});

describe('attachments', () => {
  const base = mkdtempSync(join(tmpdir(), 'dinox-attachment-'));
  const folder = join(base, 'files');
  mkdirSync(join(folder, 'sub'), { recursive: true });
  writeFileSync(join(folder, 'sub', 'a.txt'), 'inside');
  writeFileSync(join(base, 'secret.txt'), 'outside');
  writeFileSync(join(folder, 'empty'), '');
  symlinkSync(join(base, 'secret.txt'), join(folder, 'link.txt'));
  symlinkSync(base, join(folder, 'up'));
  symlinkSync(join(folder, 'sub'), join(folder, 'down'));
  mkdirSync(`${folder}-beside`);
  writeFileSync(join(`${folder}-beside`, 'x'), 'x');
  after(() => rmSync(base, { recursive: true, force: true }));

  const make = (data: unknown, more: Partial<AttachmentSource> = {}, most = 1_000): Promise<Attachment> =>
    attachmentOf({ data, folder, ...more }, most);
  const read = async (file: Attachment): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of file.open()) chunks.push(chunk as Buffer);
    await file.close();
    return Buffer.concat(chunks).toString();
  };

  it('a Buffer, a data: URL, a path, a stream, and an object with one of them', async () => {
    const cases: [unknown, string, string, string][] = [
      [Buffer.from('abc'), 'file.txt', 'text/plain', 'abc'],
      [new Uint8Array([97, 98]), 'file.txt', 'text/plain', 'ab'],
      ['data:image/png;base64,YWJj', 'file.txt', 'image/png', 'abc'],
      ['data:,a%20b%ff', 'file.bin', 'application/octet-stream', Buffer.from('a b\xff', 'latin1').toString()],
      ['sub/a.txt', 'a.txt', 'text/plain', 'inside'],
      [join(folder, 'down/a.txt'), 'a.txt', 'text/plain', 'inside'],
      [Readable.from(['a', 'b']), 'file.txt', 'text/plain', 'ab'],
      [{ data: Buffer.from('{}'), name: '../x/é?.json', type: 'a/b' }, 'é_.json', 'a/b', '{}'],
    ];
    for (const [data, name, type, content] of cases) {
      const file = await make(data);
      assert.deepEqual([file.name, file.type], [name, type]);
      assert.equal(await read(file), content);
    }
    assert.equal((await make(Buffer.from('a'), { name: `${'n'.repeat(300)}.png` })).name.length, 100);
  });

  it('nothing from outside of the folder, whatever the way', async () => {
    const outside = ['/etc/hostname', '../secret.txt', 'link.txt', 'up/secret.txt', 'sub/../../secret.txt'];
    for (const path of [...outside, `${folder}-beside/x`, 'a\0b', '..', '.', folder, '/nowhere/at/all']) {
      assert.equal(await code(make(path)), 'attachment-outside', path);
    }
    assert.equal(await code(make('sub/a.txt', { folder: '' })), 'attachment-folder');
    assert.equal(await code(make('a', { folder: join(base, 'none') })), 'attachment-root');
    assert.equal(await code(make('none.txt')), 'attachment-missing');
    assert.equal(await code(make('sub')), 'attachment-file');
  });

  it('what is empty, too large, damaged or of another kind', async () => {
    const failing = new PassThrough().on('error', () => {});
    setImmediate(() => failing.destroy(new Error('camera gone')));
    const cases: [unknown, string][] = [
      [Buffer.alloc(0), 'attachment-empty'],
      ['empty', 'attachment-empty'],
      [Buffer.alloc(1_001), 'attachment-large'],
      [Readable.from([Buffer.alloc(600), Buffer.alloc(600)]), 'attachment-large'],
      ['data:image/png', 'attachment-data'],
      ['data:image/png;base64,#', 'attachment-data'],
      [7, 'attachment-type'],
      [{}, 'attachment-type'],
      [{ data: null }, 'attachment-type'],
      [Readable.from([{}]), 'attachment-type'],
      [failing, 'attachment-stream'],
    ];
    for (const [data, expected] of cases) assert.equal(await code(make(data)), expected, String(data));
    assert.equal(await code(make('sub/a.txt', {}, 5)), 'attachment-large');
  });
});

describe('uploads', () => {
  interface Seen {
    headers: IncomingHttpHeaders;
    body: string;
  }
  const seen: Seen[] = [];
  let status = 201;
  let silent = false;
  const handler: Parameters<typeof createServer>[1] = (request, response) => {
    if (silent) return;
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push({ headers: request.headers, body });
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end();
    });
  };
  let plain: Server;
  let secure: ReturnType<typeof createTlsServer>;
  const listen = (server: Server): Promise<void> =>
    new Promise((done) => server.listen(0, '127.0.0.1', () => done()));
  const portOf = (server: Server): number => (server.address() as AddressInfo).port;
  before(async () => {
    const { good } = certificates();
    plain = createServer(handler);
    secure = createTlsServer({ cert: good.cert, key: good.key }, handler);
    await Promise.all([listen(plain), listen(secure as unknown as Server)]);
  });
  beforeEach(() => {
    seen.length = 0;
    status = 201;
    silent = false;
  });
  after(() => {
    for (const server of [plain, secure]) server.closeAllConnections();
    for (const server of [plain, secure]) server.close();
  });

  interface World {
    put: string;
    get?: string;
    headers?: Record<string, string>;
    most?: number;
    where?: string;
    tls?: TlsSettings;
    lookup?: LookupFunction;
    idleMs?: number;
  }
  async function setUp({ put, get, headers = {}, most = 1_000, where, ...options }: World) {
    const session = await OutStanzas.make();
    const { xml } = session;
    if (where) session.state = { phase: 'online', jid: 'bot@example.org/x', resumed: false, where };
    const query = (xmlns: string, ...children: Element[]) =>
      xml('iq', { type: 'result' }, xml('query', { xmlns }, ...children));
    const field = (name: string, value: string) => xml('field', { var: name }, xml('value', {}, value));
    session.answers.set(`example.org ${ITEMS}`, () =>
      query(ITEMS, xml('item', { jid: 'muc.example.org' }), xml('item', { jid: 'upload.example.org' })),
    );
    session.answers.set(`upload.example.org ${INFO}`, () =>
      query(
        INFO,
        xml('feature', { var: NS }),
        xml(
          'x',
          { xmlns: 'jabber:x:data', type: 'result' },
          field('FORM_TYPE', NS),
          field('max-file-size', String(most)),
        ),
      ),
    );
    session.answers.set(`upload.example.org ${NS}`, () =>
      xml(
        'iq',
        { type: 'result' },
        xml(
          'slot',
          { xmlns: NS },
          xml(
            'put',
            { url: put },
            ...Object.entries(headers).map(([name, value]) => xml('header', { name }, value)),
          ),
          xml('get', { url: get ?? 'https://files.example.org/a.txt' }),
        ),
      ),
    );
    const uploads = new Uploads(session, { clock: new FakeClock(), ...options });
    const file = await attachmentOf({ data: Buffer.from('hello'), name: 'a.txt', folder: '' }, 1_000);
    const upload = () => uploads.put(file, new AbortController().signal);
    return { session, uploads, upload, xml };
  }
  const home = { where: 'xmpp://127.0.0.1:5222' };
  const url = (path = '/put') => `http://127.0.0.1:${portOf(plain)}${path}`;
  const secureUrl = (host = '127.0.0.1') => `https://${host}:${portOf(secure as unknown as Server)}/put`;

  it('asks for a slot and puts the file there, with its headers and no others', async () => {
    const { session, uploads, upload } = await setUp({
      ...home,
      put: url(),
      headers: { authorization: 'Bearer s3cret', Cookie: 'a=b\r\nX-Evil: 1', 'X-Other': 'no', Host: 'evil' },
    });
    assert.equal(await uploads.limit(), 1_000);
    assert.equal(await upload(), 'https://files.example.org/a.txt');
    const request = session.asked.at(-1)?.getChild('request', NS);
    assert.deepEqual(request?.attrs, {
      xmlns: NS,
      filename: 'a.txt',
      size: '5',
      'content-type': 'text/plain',
    });
    const [{ headers, body } = { headers: {} as IncomingHttpHeaders, body: '' }] = seen;
    assert.equal(body, 'hello');
    assert.deepEqual(
      [
        headers.authorization,
        headers.cookie,
        headers['x-other'],
        headers['x-evil'],
        headers['content-length'],
      ],
      ['Bearer s3cret', 'a=bX-Evil: 1', undefined, undefined, '5'],
    );
    assert.notEqual(headers.host, 'evil');
  });

  it('https: the authorities of the tls-config count, and nobody switches the check off', async () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      const unknown = await setUp({ ...home, put: secureUrl('localhost') });
      assert.equal(await code(unknown.upload()), 'upload-failed');
      assert.equal(seen.length, 0);
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
    const known = await setUp({ ...home, put: secureUrl('localhost'), tls: { ca: certificates().ca } });
    assert.equal(await code(known.upload()), 'done');
  });

  it('another scheme, no address, or one with a login is no slot', async () => {
    for (const put of [
      'ftp://127.0.0.1/x',
      'file:///etc/passwd',
      '',
      'https://a:b@127.0.0.1/',
      `https://${'x'.repeat(3_000)}`,
    ]) {
      const { upload } = await setUp({ ...home, put });
      assert.equal(await code(upload()), 'upload-slot', put);
    }
    const { upload } = await setUp({ ...home, put: url(), get: 'javascript:alert(1)' });
    assert.equal(await code(upload()), 'upload-slot');
  });

  it('clear text only at home, by the address and not by the name', async () => {
    const answers: LookupFunction = (host, options, callback) => {
      const address = host === 'far.example.org' ? '203.0.113.7' : '127.0.0.1';
      if (options.all) callback(null, [{ address, family: 4 }]);
      else callback(null, address, 4);
    };
    const far = await setUp({ ...home, put: 'http://far.example.org/put', lookup: answers });
    assert.equal(await code(far.upload()), 'upload-unencrypted');
    const literal = await setUp({ ...home, put: 'http://203.0.113.7/put' });
    assert.equal(await code(literal.upload()), 'upload-unencrypted');
    const near = await setUp({ where: 'xmpp://near.example.org:5222', put: url(), lookup: answers });
    assert.equal(await code(near.upload()), 'done');
  });

  it('a server far away does not send us into our own network', async () => {
    const answers: LookupFunction = (host, options, callback) => {
      const named: Record<string, string> = {
        'inside.example.org': '127.0.0.1',
        'anywhere.example.org': '0.0.0.0',
        'nowhere.example.org': '::',
        'metadata.example.org': '64:ff9b::a9fe:a9fe',
      };
      const address = named[host] ?? '203.0.113.7';
      const family = address.includes(':') ? 6 : 4;
      if (options.all) callback(null, [{ address, family }]);
      else callback(null, address, family);
    };
    for (const where of [
      'xmpp://203.0.113.7:5222',
      'xmpps://[2001:db8::1]:5223',
      'xmpp://far.example.org:5222',
    ]) {
      for (const put of [
        secureUrl(),
        secureUrl('inside.example.org'),
        url(),
        'https://[::1]/x',
        'https://[::ffff:10.0.0.1]/',
        // Kind: another spelling of the same place.
        'https://0.0.0.0/x',
        'https://0/x',
        'https://2130706433/x',
        'https://0x7f.1/x',
        'https://[::]/x',
        'https://[::ffff:0.0.0.0]/x',
        'https://[::ffff:0:127.0.0.1]/x',
        'https://[::127.0.0.1]/x',
        'https://[64:ff9b::169.254.169.254]/latest',
        'https://[64:ff9b:1::10.0.0.1]/x',
        'https://[2002:7f00:1::]/x',
        'https://169.254.169.254/latest',
        'https://100.100.100.200/latest',
        'https://[fd00:ec2::254]/latest',
        'https://anywhere.example.org/x',
        'https://nowhere.example.org/x',
        'https://metadata.example.org/x',
      ]) {
        const { upload } = await setUp({ where, put, lookup: answers, tls: { ca: certificates().ca } });
        assert.equal(await code(upload()), 'upload-internal', `${where} ${put}`);
      }
    }
    assert.equal(seen.length, 0);
  });

  it('a status that is none of success, and a redirection, are errors that tell no secrets', async () => {
    for (status of [301, 307, 403, 413, 500]) {
      const { upload } = await setUp({
        ...home,
        put: url('/secret-path'),
        headers: { Authorization: 's3cret' },
      });
      const error = await upload().then(
        () => undefined,
        (failed: SendError) => failed,
      );
      assert.deepEqual([error?.code, error?.text.params?.status], ['upload-status', status]);
      assert.doesNotMatch(JSON.stringify([error?.message, error?.text]), /s3cret|secret-path/);
    }
  });

  it('a server that stands still, one that is not there, and an end in the middle', async () => {
    silent = true;
    const still = await setUp({ ...home, put: url(), idleMs: 50 });
    assert.equal(await code(still.upload()), 'upload-time');
    const gone = await setUp({ ...home, put: 'http://127.0.0.1:1/' });
    assert.equal(await code(gone.upload()), 'upload-failed');
    const { uploads } = await setUp({ ...home, put: url() });
    const stop = new AbortController();
    const file = await attachmentOf({ data: Buffer.from('x'), folder: '' }, 10);
    setTimeout(() => stop.abort(), 30);
    assert.equal(await code(uploads.put(file, stop.signal)), 'upload-failed');
  });

  it('no service, a refusal, and a limit that only the refusal names', async () => {
    const { session, upload, uploads, xml } = await setUp({ ...home, put: url(), most: Number.NaN });
    assert.equal(await uploads.limit(), Number.POSITIVE_INFINITY);
    const refuse = (condition: string, ...more: Element[]) =>
      session.answers.set(`upload.example.org ${NS}`, () => {
        const stanza = xml('iq', { type: 'error' }, xml('error', { type: 'modify' }, ...more));
        return new StanzaError(condition, 'modify', words('no'), stanza);
      });
    refuse('not-allowed');
    assert.equal(await code(upload()), 'upload-refused');
    refuse('not-acceptable', xml('file-too-large', { xmlns: NS }, xml('max-file-size', {}, '4')));
    assert.equal(await code(upload()), 'attachment-large');
    assert.equal(await uploads.limit(), 4);
    session.answers.set(`example.org ${ITEMS}`, () => xml('iq', { type: 'result' }));
    const none = new Uploads(session, { clock: new FakeClock() });
    assert.equal(await code(none.limit()), 'upload-none');
  });
});
