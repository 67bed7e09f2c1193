import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UnreadableError } from '../../../../src/xmpp/payload/byte-reader';
import { readCbor } from '../../../../src/xmpp/payload/cbor';
import { readMessagePack } from '../../../../src/xmpp/payload/messagepack';

type Read = (bytes: Buffer) => unknown;
const of = (read: Read, hex: string) => JSON.parse(JSON.stringify(read(Buffer.from(hex, 'hex')) ?? null));
const fails = (read: Read, hex: string) =>
  assert.throws(() => read(Buffer.from(hex, 'hex')), UnreadableError, hex.slice(0, 40));

/** Bytes that are nothing: neither format may throw anything else, or take long. */
function readsAnything(read: Read): void {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        JSON.stringify(read(Buffer.from(bytes)));
      } catch (error) {
        assert.ok(error instanceof UnreadableError, String(error));
      }
    }),
    { numRuns: 3_000 },
  );
}

describe('CBOR', () => {
  it('reads the examples of RFC 8949, Appendix A', () => {
    const cases: [string, unknown][] = [
      ['17', 23],
      ['1818', 24],
      ['1a000f4240', 1_000_000],
      ['1bffffffffffffffff', '18446744073709551615'],
      ['c249010000000000000000', '18446744073709551616'],
      ['3bffffffffffffffff', '-18446744073709551616'],
      ['c349010000000000000000', '-18446744073709551617'],
      ['3903e7', -1_000],
      ['f93c00', 1],
      ['f97bff', 65_504],
      ['f90001', 5.96e-8],
      ['f93c66', 1.1],
      ['fa47c35000', 100_000],
      ['fb3ff199999999999a', 1.1],
      ['f97c00', 'Infinity'],
      ['f97e00', 'NaN'],
      ['f4', false],
      ['f6', null],
      ['f7', null],
      ['c074323031332d30332d32315432303a30343a30305a', '2013-03-21T20:04:00Z'],
      ['c11a514b67b0', '2013-03-21T20:04:00.000Z'],
      ['4401020304', '0x01020304'],
      ['64c3bc62c3', undefined],
      ['62c3bc', 'ü'],
      ['83010203', [1, 2, 3]],
      ['8301820203820405', [1, [2, 3], [4, 5]]],
      ['a201020304', { 1: 2, 3: 4 }],
      ['a26161016162820203', { a: 1, b: [2, 3] }],
      ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
      ['bf6346756ef563416d7421ff', { Fun: true, Amt: -2 }],
      ['7f657374726561646d696e67ff', 'streaming'],
      ['5f42010243030405ff', '0x0102030405'],
      ['d9d9f7a1616101', { a: 1 }],
    ];
    for (const [hex, value] of cases) {
      if (value === undefined) fails(readCbor, hex);
      else assert.deepEqual(of(readCbor, hex), value, hex);
    }
  });

  it('refuses what is no single item, and what is over a limit', () => {
    for (const hex of [
      '',
      'a1',
      '1c',
      '1f',
      'ff',
      '0101',
      'a1f601',
      'f8ff',
      '7f4101ff',
      '9bffffffffffffffff',
    ])
      fails(readCbor, hex);
    fails(readCbor, `${'81'.repeat(40)}01`);
    fails(readCbor, `99ea60${'01'.repeat(60_000)}`);
    fails(readCbor, 'c2'.repeat(100_000));
    readsAnything(readCbor);
  });

  it('has members of any name', () => {
    const found = readCbor(Buffer.from('a1695f5f70726f746f5f5fa1616101', 'hex')) as object;
    assert.equal(JSON.stringify(found), '{"__proto__":{"a":1}}');
    assert.equal(({} as Record<string, unknown>).a, undefined);
  });
});

describe('MessagePack', () => {
  it('reads every form of its specification', () => {
    const cases: [string, unknown][] = [
      ['7f', 127],
      ['e0', -32],
      ['cc80', 128],
      ['cd0100', 256],
      ['ce00010000', 65_536],
      ['cfffffffffffffffff', '18446744073709551615'],
      ['d080', -128],
      ['d1ff00', -256],
      ['d2ffff0000', -65_536],
      ['d3ffffffff00000000', -4_294_967_296],
      ['ca41b0cccd', 22.1],
      ['cb403619999999999a', 22.1],
      ['c0', null],
      ['c2', false],
      ['c3', true],
      ['a3616263', 'abc'],
      ['d903616263', 'abc'],
      ['da0003616263', 'abc'],
      ['c403010203', '0x010203'],
      ['93010203', [1, 2, 3]],
      ['dc0003010203', [1, 2, 3]],
      ['82a16101a162c0', { a: 1, b: null }],
      ['de0001a16101', { a: 1 }],
      ['df00000001a16101', { a: 1 }],
      ['810501', { 5: 1 }],
      ['d6ff514b67b0', '2013-03-21T20:04:00.000Z'],
      ['d7ff77359400514b67b0', '2013-03-21T20:04:00.500Z'],
      ['c70cff1dcd650000000000514b67b0', '2013-03-21T20:04:00.500Z'],
      ['d40542', '0x42'],
      ['c70305010203', '0x010203'],
    ];
    for (const [hex, value] of cases) assert.deepEqual(of(readMessagePack, hex), value, hex);
    const long = Buffer.concat([Buffer.from('c464', 'hex'), Buffer.alloc(100)]);
    assert.equal(readMessagePack(long), `0x${'00'.repeat(32)}… (100 B)`);
  });

  it('refuses what is no single object, and what is over a limit', () => {
    for (const hex of [
      '',
      'c1',
      '0101',
      '81a1',
      '81c001',
      'a2c328',
      'dfffffffff',
      'ddffffffff',
      'c6ffffffff',
    ])
      fails(readMessagePack, hex);
    fails(readMessagePack, `${'91'.repeat(40)}01`);
    fails(readMessagePack, `dcea60${'01'.repeat(60_000)}`);
    readsAnything(readMessagePack);
  });
});
