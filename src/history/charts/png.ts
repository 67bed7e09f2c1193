import { crc32, deflateSync } from 'node:zlib';
import type { Canvas } from './canvas';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const TRUECOLOR = 2;
/** Scanline filter: the difference to the line above. A chart is much the same from line to line. */
const UP = 2;

/** One or more pictures of the same width, one below the other. */
export function encodeCanvases(all: readonly Canvas[]): Buffer {
  const [first] = all;
  const height = all.reduce((sum, canvas) => sum + canvas.rows, 0);
  const pixels = all.length === 1 && first ? first.pixels : Buffer.concat(all.map((one) => one.pixels));
  return encodePng(first?.columns ?? 0, height, pixels);
}

/**
 * A PNG (ISO/IEC 15948) of 8-bit RGB.
 * @param pixels three bytes each, line by line
 */
function encodePng(width: number, height: number, pixels: Uint8Array): Buffer {
  const stride = width * 3;
  const lines = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    const to = y * (stride + 1);
    lines[to] = UP;
    for (let x = 0; x < stride; x++) {
      const above = y > 0 ? (pixels[(y - 1) * stride + x] as number) : 0;
      lines[to + 1 + x] = (pixels[y * stride + x] as number) - above;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = TRUECOLOR;
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines, { level: 4 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const made = Buffer.alloc(12 + data.length);
  made.writeUInt32BE(data.length, 0);
  made.write(type, 4, 'latin1');
  data.copy(made, 8);
  made.writeUInt32BE(crc32(made.subarray(4, 8 + data.length)), 8 + data.length);
  return made;
}
