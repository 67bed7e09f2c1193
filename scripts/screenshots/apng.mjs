/** An animated PNG (APNG, part of PNG since its third edition) of pictures that a browser has taken. */
import { crc32 } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function chunk(type, ...content) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), ...content]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(body.length - 4, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body) >>> 0, body.length + 4);
  return whole;
}

function number32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Header and compressed pixels of a PNG. */
function parse(png) {
  const pixels = [];
  let header = Buffer.alloc(0);
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const content = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') header = content;
    if (type === 'IDAT') pixels.push(content);
    at += length + 12;
  }
  return { header, pixels: Buffer.concat(pixels) };
}

/**
 * @param {{png: Buffer, x?: number, y?: number, ms: number}[]} frames the first one is the whole picture; others cover
 *        what has changed, from `x` and `y` on. All have the same kind of pixels.
 */
export function animate(frames) {
  let sequence = 0;
  const parts = frames.map(({ png, x = 0, y = 0, ms }, i) => {
    const { header, pixels } = parse(png);
    const control = Buffer.alloc(26);
    control.writeUInt32BE(sequence++, 0);
    header.copy(control, 4, 0, 8);
    control.writeUInt32BE(x, 12);
    control.writeUInt32BE(y, 16);
    control.writeUInt16BE(ms, 20);
    control.writeUInt16BE(1_000, 22);
    const data = i === 0 ? chunk('IDAT', pixels) : chunk('fdAT', number32(sequence++), pixels);
    return Buffer.concat([chunk('fcTL', control), data]);
  });
  const [first] = frames;
  if (!first) throw new Error('no pictures');
  const animation = chunk('acTL', number32(frames.length), number32(0));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', parse(first.png).header),
    animation,
    ...parts,
    chunk('IEND'),
  ]);
}
