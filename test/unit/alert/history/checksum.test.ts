import assert from 'node:assert/strict';
import { checksum, checksumInScript } from '../../../../src/alert/history/checksum';

describe('checksum', () => {
  it('is CRC-32, natively and in script', () => {
    assert.equal(checksum(Buffer.from('123456789')), 0xcbf43926);
    assert.equal(checksumInScript(Buffer.from('123456789')), 0xcbf43926);
  });
});
