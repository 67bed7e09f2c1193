import assert from 'node:assert/strict';
import net from 'node:net';
import fc from 'fast-check';
import { isIPv4, isIPv6 } from '../../../src/net/ip';

const piece = fc.constantFrom(
  ':',
  '::',
  '.',
  '0',
  '1',
  '255',
  '256',
  '01',
  'ffff',
  'fffff',
  'g',
  'A',
  '1.2.3.4',
  ' ',
  '%',
  '',
);

describe('addresses', () => {
  it('are what Node.js takes for addresses', () => {
    const check = (text: string): void => {
      assert.equal(isIPv4(text), net.isIPv4(text), text);
      if (!text.includes('%')) assert.equal(isIPv6(text), net.isIPv6(text), text);
    };
    for (const text of [
      '::',
      '::1',
      '1::',
      '1:2:3:4:5:6:7:8',
      '1:2:3:4:5:6:7::',
      '::ffff:1.2.3.4',
      '1.2.3.4',
      '1.2.3',
      '',
    ])
      check(text);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 17 }), (parts) => check(parts.join(''))),
      { numRuns: 3_000 },
    );
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), check), { numRuns: 300 });
  });
});
