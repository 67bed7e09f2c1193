import assert from 'node:assert/strict';
import { inEnglish } from '../../../../src/base/english';
import { contentOfBytes, documentText, fileOf, sizeText } from '../../../../src/xmpp/payload/content';
import { mediaType } from '../../../../src/xmpp/payload/media-type';
import { playlistOf } from '../../../../src/xmpp/payload/playlist';
import { formatText } from '../../../../src/xmpp/sending/text-format';

const LIMITS = { text: 10_000, file: 1_000_000, parsed: 64_000 };
const hex = (digits: string) => Buffer.from(digits.replace(/ /g, ''), 'hex');

/** What somebody reads, or the name and the type of the file. */
function content(bytes: string | Buffer, topic = 'home/x', contentType?: string): string {
  const found = contentOfBytes(Buffer.from(bytes as string), { topic, contentType }, LIMITS, inEnglish);
  return found.kind === 'file' ? `${found.name} ${found.type}` : formatText(found.value, '', 'payload');
}

describe('a payload in a chat', () => {
  it('is read where somebody can read it', () => {
    assert.equal(content('22.1'), '22.1');
    assert.equal(content('true'), 'true');
    assert.equal(content('Grüße 😀'), 'Grüße 😀');
    assert.equal(content('{"value":22.1,"unit":"°C"}'), '22.1 °C');
    assert.equal(content('{"a":[1]}'), '{\n  "a": [\n    1\n  ]\n}');
    assert.equal(content('{not json'), '{not json');
    assert.equal(content('{"id":12345678901234567890}'), '{"id":12345678901234567890}', 'no digit is lost');
    const deep = `${'['.repeat(40)}${']'.repeat(40)}`;
    assert.equal(content(deep), deep);
    const large = `["${'x'.repeat(70_000)}"]`;
    assert.equal(content(large), large);
  });

  it('is CBOR or MessagePack only where nothing else can be meant', () => {
    // {"value": 22.1, "unit": "°C"} in both.
    assert.equal(content(hex('a2 65 76616c7565 fb403619999999999a 64 756e6974 63 c2b043')), '22.1 °C');
    assert.equal(content(hex('82 a5 76616c7565 ca41b0cccd a4 756e6974 a3 c2b043')), '22.1 °C');
    assert.equal(content(hex('81 a1616101')), '[\n  {\n    "a": 1\n  }\n]', 'a list that holds an object');
    // Registers of a device, a counter, a packed bit field: bytes.
    for (const raw of ['83010203', '80', 'ff00', '93010203', '00000001', 'a10102'])
      assert.equal(content(hex(raw)), 'x.bin application/octet-stream', raw);
    assert.equal(content(hex('83010203'), 'home/x', 'application/cbor'), '[\n  1,\n  2,\n  3\n]');
    assert.equal(content(hex('93010203'), 'home/x', 'application/vnd.msgpack'), '[\n  1,\n  2,\n  3\n]');
    assert.equal(content(hex('f6'), 'home/x', 'application/cbor'), 'x.bin application/octet-stream');
  });

  it('is a file with the right type and name', () => {
    const cases: [string, string, string][] = [
      ['89504e470d0a1a0a00', 'home/cam', 'cam.png image/png'],
      ['ffd8ffe0', 'home/front.jpeg', 'front.jpeg image/jpeg'],
      ['ffd8ffe0', 'home/front.png', 'front.png.jpg image/jpeg'],
      ['52494646000000005741564566', 'home/bell', 'bell.wav audio/wav'],
      ['49443303000000000000', 'a/song', 'song.mp3 audio/mpeg'],
      ['fffb9064', 'a/song', 'song.mp3 audio/mpeg'],
      ['fff15080', 'a/song', 'song.aac audio/aac'],
      ['664c614300000022', 'a/song', 'song.flac audio/flac'],
      [`4f676753${'00'.repeat(22)}01134f70757348656164`, 'a/v', 'v.ogg audio/ogg'],
      [`4f676753${'00'.repeat(22)}012a807468656f7261`, 'a/v', 'v.ogv video/ogg'],
      ['1a45dfa39f4286810142f7810142f2810442f381084282847765626d', 'a/v', 'v.webm video/webm'],
      ['1a45dfa3a34286810142f7810142f2810442f38108428288', 'a/v', 'v.mkv video/x-matroska'],
      ['000000186674797069736f6d', 'a/v', 'v.mp4 video/mp4'],
      ['255044462d312e37ff', 'a/plan.v2', 'plan.v2.pdf application/pdf'],
      ['504b0304ff', 'a/../..', 'message.zip application/zip'],
      ['1f8b08ff', 'a/log', 'log.gz application/gzip'],
      ['00ff', 'a/ b/ü?', '_.bin application/octet-stream'],
      ['00ff', '', 'message.bin application/octet-stream'],
      ['00ff', 'a/firmware.fw', 'firmware.fw application/octet-stream'],
      ['00ff', 'a/v1.2', 'v1.2.bin application/octet-stream'],
    ];
    for (const [bytes, topic, said] of cases) assert.equal(content(hex(bytes), topic), said);
    assert.equal(fileOf(Buffer.from('a;b'), { topic: `x/${'y'.repeat(500)}` }).name.length, 64);
  });

  it('names documents that are sent as files', () => {
    const types = ['<!doctype html><p>', '<svg xmlns="">', '#EXTM3U\n', '[playlist]\n', '{"a":1}'].map(
      (text) => mediaType(Buffer.from(text)).extension,
    );
    assert.deepEqual(types, ['html', 'svg', 'm3u', 'pls', 'json']);
  });

  it('is one line about an HTML page', () => {
    assert.equal(content(`<!DOCTYPE html>\n<html>${' '.repeat(12_300)}`), 'HTML page, 12 kB');
    assert.equal(content('<html><head><title> Door\n cam </title>'), 'HTML page, 38 B: Door\uFFFD cam');
    assert.equal(content('<b>bold</b>'), '<b>bold</b>', 'a piece of one');
    assert.equal(sizeText(1_234_567), '1.2 MB');
    const hostile = `<html><title${'<title'.repeat(100_000)}`;
    const start = performance.now();
    content(hostile);
    assert.ok(performance.now() - start < 500);
  });

  it('is the first stream of a playlist', () => {
    const m3u =
      '#EXTM3U\r\n#EXTINF:-1 tvg-id="x",Radio Swiss Jazz\r\nhttp://radio.example.org/jazz.mp3\r\nhttp://b\n';
    assert.equal(
      content(m3u),
      'Playlist, 2 streams. The first one:\nRadio Swiss Jazz\nhttp://radio.example.org/jazz.mp3',
    );
    const pls = '[playlist]\nFile2=http://two\nTitle2=Two\nFile1=https://one.example.org/a\nTitle1=One\n';
    assert.deepEqual(playlistOf(pls), { title: 'One', url: 'https://one.example.org/a', count: 2 });
    const xspf =
      '<?xml version="1.0"?>\n<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track>' +
      '<location>http://a.example.org/x?a=1&amp;b=2</location><title>A &lt;b&gt;</title></track></trackList></playlist>';
    assert.deepEqual(playlistOf(xspf), { title: 'A <b>', url: 'http://a.example.org/x?a=1&b=2', count: 1 });
    const hls = '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nseg1.ts\n#EXTINF:6,\nseg2.ts\n';
    assert.deepEqual(playlistOf(hls), { title: '', url: '', count: 1 });
    assert.equal(
      content('#EXTM3U\njavascript:alert(1)\n'),
      'Playlist:',
      'no address that a phone would open',
    );
    assert.equal(content('[playlist]\n'), 'Playlist:');
    assert.equal(documentText('# a heading\n', LIMITS, inEnglish), undefined);
    const start = performance.now();
    for (const line of ['#EXTINF:\n', 'File1=', '<track>', '<title>'])
      playlistOf(`#EXTM3U\n<playlist xspf.org/ns/${line.repeat(100_000)}`);
    playlistOf(`<playlist xmlns="http://xspf.org/ns/0/">${'<track><title>'.repeat(100_000)}`);
    assert.ok(performance.now() - start < 1_000);
  });
});
