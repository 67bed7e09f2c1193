import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Excess, StanzaLimits } from '../../../../src/xmpp/stream/stanza-limits';

/** What came out of it: the text for the parser, with a mark where it was to forget, and what was skipped. */
function through(text: string, cuts: readonly number[] = []): string {
  let out = '';
  const bounds = new StanzaLimits({
    pass: (part) => {
      out += part;
    },
    cut: () => {
      out += '[cut]';
    },
    skipped: (name: string, excess: Excess) => {
      out += `[${name}: ${excess}]`;
    },
  });
  const places = [...new Set([0, ...cuts.map((cut) => cut % (text.length + 1)), text.length])].sort(
    (a, b) => a - b,
  );
  for (let index = 1; index < places.length; index++)
    bounds.write(text.slice(places[index - 1], places[index]));
  return out;
}

const deep = (levels: number, inside = ''): string => '<a>'.repeat(levels) + inside + '</a>'.repeat(levels);
const many = (count: number): string => '<a/>'.repeat(count);
const attributes = (count: number): string =>
  Array.from({ length: count }, (_one, n) => ` a${n}="'"`).join('');

describe('stanza bounds: what one stanza may cost', () => {
  const WHOLE: [name: string, text: string][] = [
    ['what people send', "<message to='a@b' id='1'><body>hello &lt;there&gt;</body></message>"],
    ['the deepest that is allowed', `<message>${deep(63)}</message>`],
    ['as many elements as are allowed', `<message>${many(49_999)}</message>`],
    ['as many attributes as are allowed', `<message><a${attributes(1_000)}/></message>`],
    ['marks in attributes', `<message a="/>" b='"</message>'><a b=">"/></message><iq/>`],
    ['CDATA and comments', '<message><![CDATA[</message><a>]] >]]><!-- </message> -> --></message><iq/>'],
    ['blanks between stanzas', ' \n<message/>\n \n<presence/> '],
    ['the end of the stream', '<message/></stream:stream>'],
  ];
  for (const [name, text] of WHOLE) {
    it(`${name}: passed on as it is, wherever packets cut it`, () => {
      assert.equal(through(text), text);
      const short = text.length < 500;
      for (let cut = 1; cut < (short ? text.length : 60); cut++) assert.equal(through(text, [cut]), text);
      if (short)
        assert.equal(
          through(
            text,
            Array.from({ length: text.length }, (_one, n) => n),
          ),
          text,
        );
    });
  }

  const SKIPPED: [excess: Excess, content: string][] = [
    ['depth', deep(64)],
    ['depth', deep(100, '<![CDATA[</a></a></message>]]><!-- </message> --><b c="</message>"/>')],
    ['elements', many(62_000)],
    ['elements', deep(60, `<b>${many(62_000)}</b>`)],
    ['attributes', `<a${attributes(1_001)}/>`],
    ['attributes', `<a${attributes(60_000)}><message/></a>`],
  ];
  const before = '<iq id="1"/><message from="x"><b/>';
  const after = '</message><message id="2"><body>next</body></message>';
  for (const [excess, content] of SKIPPED) {
    it(`${content.slice(0, 12)}… goes over its ${excess}: only that stanza is skipped`, () => {
      const out = through(before + content + after);
      assert.ok(out.startsWith(before));
      const rest = out.slice(out.indexOf('[cut]'));
      assert.equal(rest, `[cut][message: ${excess}]<message id="2"><body>next</body></message>`);
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 6 }), (cuts) => {
          assert.equal(through(before + content + after, cuts), out);
        }),
        { numRuns: 40 },
      );
    });
  }

  it('a text, an attribute or a name without an end: skipped from the packet on that is too much', () => {
    for (const [open, close] of [
      ['<body>', '</body></message>'],
      ["<a b='", "'/></message>"],
      ['<a b="</message>', '"/></message>'],
      ['<![CDATA[</message>', ']]></message>'],
      ['<!--', '--></message>'],
    ] as const) {
      const text = `<message>${open}${'x'.repeat(3_000_000)}${close}<iq/>`;
      const cuts = Array.from({ length: 45 }, (_one, n) => n * 65_536);
      const out = through(text, cuts);
      assert.match(out.slice(-60), /x?\[cut\]\[message: bytes\]<iq\/>$/, open);
      assert.ok(out.length < 2_200_000);
    }
  });

  it('what is skipped ends where its own element ends, whatever is written inside', () => {
    const inside = fc.constantFrom(
      ...[
        '<message>',
        '</message>',
        '<a/>',
        '<a>',
        '</a>',
        '/>',
        '">',
        "'>",
        ']]>',
        '-->',
        '&lt;',
        'x',
        '<',
        '>',
      ],
    );
    const place = fc.constantFrom(
      ...([
        ['<b c="', '"/>', /["<]/g],
        ["<b c='", "'/>", /['<]/g],
        ['<![CDATA[', ']]>', /\]\]>/g],
        ['<!--', '-->', /--/g],
      ] as const),
    );
    fc.assert(
      fc.property(
        fc.array(inside),
        place,
        fc.array(fc.nat(), { maxLength: 5 }),
        (words, [open, close, no], cuts) => {
          const text = `${open}${words.join('').replace(no, '')}${close}`;
          const out = through(`<message>${deep(65)}${text}</message><iq>${text}</iq>`, cuts);
          assert.equal(out.slice(out.indexOf('[cut]')), `[cut][message: depth]<iq>${text}</iq>`);
        },
      ),
      { numRuns: 500 },
    );
  });
});
