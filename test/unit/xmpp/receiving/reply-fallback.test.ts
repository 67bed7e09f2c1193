/** Kind: positions and lengths that a peer wrote are believed. Nothing that a person wrote vanishes. */
import assert from 'node:assert/strict';
import { ChildIndex } from '../../../../src/xmpp/child-index';
import { bodyOf } from '../../../../src/xmpp/receiving/body';
import { seeded } from '../../../support/seeded';
import { reader } from '../parse';

const escaped = (text: string) =>
  text.replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? '');
const php = (text: string) => escaped(text).replace(/["']/g, (char) => (char === '"' ? '&quot;' : '&#039;'));

/** How clients count. */
const COUNTS: Record<string, (text: string) => number> = {
  'code points, as XEP-0426 wants it': (text) => [...text].length,
  'bytes, as Dino 0.4 does': (text) => Buffer.byteLength(text),
  'UTF-16 units, as Java and JavaScript do': (text) => text.length,
  'escaped, as Movim does': (text) => [...php(text)].length,
  'escaped, quotes left alone': (text) => [...escaped(text)].length,
  'escaped, in bytes': (text) => Buffer.byteLength(php(text)),
  'with line ends of Windows': (text) => [...text.replaceAll('\n', '\r\n')].length,
};

/** What the bot itself writes. */
const OURS = [
  '🟠 Boiler 81 °C (limit 80)',
  '🔴 #7 garage/door is open\n▁▂▃▄▅▆▇█ 22.1 °C\nsince 14:03',
  'a < b & "c" > \'d\'',
  'plain',
  'größer\n\n🏠',
];

const quoteOf = (text: string) =>
  text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');

let parse: Awaited<ReturnType<typeof reader>>;

function read(body: string, fallback: string) {
  return bodyOf(
    new ChildIndex(
      parse(
        `<message><body>${escaped(body)}</body><reply xmlns='urn:xmpp:reply:0' id='7'/>${fallback}</message>`,
      ),
    ),
  );
}

const placed = (start: number | string, end: number | string, meant = " for='urn:xmpp:reply:0'") =>
  `<fallback xmlns='urn:xmpp:fallback:0'${meant}><body start='${start}' end='${end}'/></fallback>`;

describe('a reply loses none of its words', () => {
  before(async () => {
    parse = await reader();
  });

  for (const [how, count] of Object.entries(COUNTS)) {
    it(`counted in ${how}`, () => {
      for (const ours of OURS) {
        for (const said of ['ok', 'k', '👍', 'ack 7\nand more', 'größer "x" & y', '✔ ok']) {
          const quote = quoteOf(ours);
          for (const [end, between] of [
            [`${quote}\n`, '\n'],
            [quote, '\n'],
            [`${quote}\n\n`, '\n\n'],
          ] as const) {
            const { text, quote: found } = read(`${quote}${between}${said}`, placed(0, count(end)));
            assert.deepEqual([text, found], [said, ours], JSON.stringify([ours, said, end]));
          }
        }
      }
    });
  }

  it('what somebody quotes of their own below it stays known', () => {
    const { text, quote } = read('> 🟠 hot\n> mine\nok', placed(0, 8));
    assert.deepEqual([text, quote], ['ok', '🟠 hot\nmine']);
  });

  it('a quote of which only the first line bears its mark, counted right', () => {
    const { text, quote } = read('> Boiler is hot\nlimit 80\nok', placed(0, 25));
    assert.deepEqual([text, quote], ['ok', 'Boiler is hot\nlimit 80']);
  });

  it('places that lead nowhere: the lines say what is a quote, and without any the whole text is said', () => {
    for (const [start, end] of [
      [0, 3],
      [0, 99],
      [1, 9],
      [9, 2],
      [-4, 5],
      ['x', 'y'],
      ['', ''],
      [0, 1e9],
      [0, 'Infinity'],
    ] as const) {
      assert.equal(read('> 🟠 hot\nok', placed(start, end)).text, 'ok', `${start} ${end}`);
      assert.equal(read('ok then', placed(start, end)).text, 'ok then', `${start} ${end}`);
      assert.equal(read('ok then', placed(start, end, '')).text, 'ok then', `${start} ${end}`);
    }
    for (const whole of [
      "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'/>",
      "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body/></fallback>",
      "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'><body/></fallback>",
      "<fallback xmlns='urn:xmpp:fallback:0'><body/></fallback>",
    ]) {
      assert.equal(read('ok then', whole).text, 'ok then', whole);
      assert.equal(read('> hot\nok', whole).text, 'ok', whole);
    }
    assert.equal(read('> only a quote', placed(0, 14)).text, '> only a quote');
  });

  it('whatever is written and however it is counted, each line arrives, in the text or in the quote', () => {
    const random = seeded(461);
    const words = ['ok', '>', '> x', '🟠', '°', '&', '<', '', ' ', 'größer', '▁▂▃'];
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const text = (most: number) =>
      Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(words)).join(pick(['\n', ' ']));
    for (let n = 0; n < 5_000; n++) {
      const quote = random() < 0.7 ? `${quoteOf(text(4))}\n` : '';
      const said = text(4);
      const places = [0, Math.floor(random() * 30), pick(Object.values(COUNTS))(quote)];
      const got = read(quote + said, placed(pick(places), pick(places)));
      const all = `${got.quote ?? ''}\n${got.text}`;
      for (const line of said.split('\n')) {
        const plain = line.replace(/^> ?/, '').trim();
        assert.ok(all.includes(plain), JSON.stringify({ quote, said, got }));
      }
    }
  });
});
