/** Bodies at random: all code points, halves of surrogate pairs, markup; none of them may close the stream. */
import assert from 'node:assert/strict';
import { seeded } from '../support/seeded';
import { type ChatContext, SLOW_MS } from './chat-out-support';

/** Messages per server: 2,000 on all servers together, or 100,000. */
const COUNT = process.env.DINOX_LONG ? 25_000 : 500;
const AT_ONCE = 50;

const MARKUP = [
  '<',
  '>',
  '&',
  '"',
  "'",
  ']]>',
  '<!--',
  '&amp;',
  '&#0;',
  '<?xml?>',
  '</body>',
  '</stream:stream>',
];
const ODD = [
  0, 8, 9, 10, 11, 13, 0x1b, 0x7f, 0x85, 0xa0, 0x2028, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfeff,
];
const ODDER = [0xfdd0, 0xfffd, 0xfffe, 0xffff];

function randomBody(random: () => number): string {
  const below = (most: number): number => Math.floor(random() * most);
  const one = (): string => {
    const kind = below(6);
    if (kind === 0) return MARKUP[below(MARKUP.length)] ?? '';
    if (kind === 1) return String.fromCharCode([...ODD, ...ODDER][below(ODD.length + ODDER.length)] ?? 0);
    if (kind === 2) return String.fromCodePoint(below(0x110000));
    if (kind === 3) return String.fromCharCode(below(0x10000));
    return String.fromCharCode(32 + below(95));
  };
  // Most are short, as messages are; one of a hundred has up to 100 kB.
  const scale = random();
  const length = scale < 0.9 ? below(200) : scale < 0.99 ? below(5_000) : below(100_000);
  let text = '';
  let bytes = 0;
  while (bytes < length) {
    const next = one();
    text += next;
    bytes += Buffer.byteLength(next);
  }
  // Blanks alone are nothing to send.
  return text.trim() === '' ? `${text}.` : text;
}

/** What has to arrive, said in other words than the code's; all of it fits into one stanza. */
function expected(body: string): string {
  return [...body.replaceAll('\r\n', '\n').replaceAll('\r', '\n')]
    .map((char) => {
      const point = char.codePointAt(0) ?? 0;
      const isControl = point < 32 && point !== 9 && point !== 10;
      const isHalf = point >= 0xd800 && point <= 0xdfff;
      return isControl || isHalf || point === 0xfffe || point === 0xffff ? '\uFFFD' : char;
    })
    .join('');
}

/** @param seed another one for each server. */
export function bodiesSuite(context: () => ChatContext, seed: number): void {
  it(`${COUNT} of them arrive as they were sent, but for what XML forbids`, async function () {
    this.timeout(process.env.DINOX_LONG ? 3_600_000 : 3 * SLOW_MS);
    const { ben, flow } = context();
    const random = seeded(20_261_125 + seed);
    const online = () => flow.logged.filter(({ text }) => /^Chat: logged in as /.test(text)).length;
    const sessions = online();
    for (let sent = 0; sent < COUNT; sent += AT_ONCE) {
      // What was looked at is not kept: there may be a hundred thousand.
      for (const list of [ben.stanzas, flow.completions, flow.received]) list.length = 0;
      const bodies = Array.from({ length: AT_ONCE }, () => randomBody(random));
      // A client that is not there is written to as the person; each may have 6,000 a minute before any are joined.
      const to = `ben@localhost/${(sent / AT_ONCE) % 40}`;
      for (const payload of bodies) flow.send('quiet', { to, payload });
      const heard = await ben.until(
        `${AT_ONCE} bodies`,
        () => ben.stanzas.length >= AT_ONCE && ben.said.length >= AT_ONCE && ben.bodies,
        SLOW_MS,
      );
      assert.equal(heard.length, AT_ONCE);
      for (const [index, body] of bodies.entries()) {
        if (heard[index] !== expected(body)) {
          assert.fail(`body ${sent + index}: ${JSON.stringify(body.slice(0, 500))}`);
        }
      }
    }
    assert.equal(online(), sessions, 'the stream was closed');
  });
}
