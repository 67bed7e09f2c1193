import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

/** Size and lines of a PNG as we write them; checks the chunks' lengths. */
export function decode(png: Buffer): { width: number; height: number; pixels: Buffer } {
  assert.equal(png.toString('latin1', 1, 4), 'PNG');
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const length = png.readUInt32BE(33);
  assert.equal(png.toString('latin1', 37, 41), 'IDAT');
  assert.equal(png.toString('latin1', 49 + length, 53 + length), 'IEND');
  const lines = inflateSync(png.subarray(41, 41 + length));
  const stride = width * 3;
  assert.equal(lines.length, (stride + 1) * height);
  const pixels = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    assert.equal(lines[y * (stride + 1)], 2);
    for (let x = 0; x < stride; x++) {
      const above = y > 0 ? (pixels[(y - 1) * stride + x] as number) : 0;
      pixels[y * stride + x] = (lines[y * (stride + 1) + 1 + x] as number) + above;
    }
  }
  return { width, height, pixels };
}

/** Compares the picture, not its packing; `DINOX_GOLDEN=1` writes it anew. */
export function assertPicture(name: string, png: Buffer): void {
  const path = join(__dirname, 'golden', name);
  if (process.env.DINOX_GOLDEN) writeFileSync(path, png);
  const [found, expected] = [decode(png), decode(readFileSync(path))];
  assert.deepEqual([found.width, found.height], [expected.width, expected.height]);
  const different = found.pixels.findIndex(
    (byte, at) => Math.abs(byte - (expected.pixels[at] as number)) > 2,
  );
  assert.equal(different, -1, `${name} differs at line ${Math.floor(different / 3 / found.width)}`);
}
