import assert from 'node:assert/strict';
import fc from 'fast-check';
import { crc32, crc32InScript } from '../../../src/storage/crc32';

describe('checksum', () => {
  it('is CRC-32, natively and in script, of texts and of bytes', () => {
    for (const sum of [crc32, crc32InScript]) {
      assert.equal(sum('123456789'), 0xcbf43926);
      assert.equal(sum(Buffer.from('123456789')), 0xcbf43926);
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => crc32(text) === crc32InScript(text)));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => crc32(bytes) === crc32InScript(bytes)));
  });
});
