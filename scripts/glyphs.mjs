/**
 * Draws the letters for the PNG of a chart (`src/history/charts/glyphs.ts`) with a Chromium and DejaVu Sans, so that the
 * package needs neither a font nor a native library. Run by hand when letters are missing: `node scripts/glyphs.mjs`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { ROOT } from './layout.mjs';

const SIZE = 15;
const ASCENT = 15;
const HEIGHT = 20;
const RANGES = [
  [0x20, 0x7e],
  [0xa0, 0x17f],
];
const OTHERS = '–—…€Ω₂₃≤≥→↑↓•·✔⚠□';

const codes = RANGES.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at));
for (const letter of OTHERS) {
  const code = letter.codePointAt(0) ?? 0;
  if (!codes.includes(code)) codes.push(code);
}

const page = `<canvas id="c" width="40" height="${HEIGHT}"></canvas><pre id="out"></pre><script>
const context = document.getElementById('c').getContext('2d', { willReadFrequently: true });
context.font = '${SIZE}px "DejaVu Sans"';
const out = ${JSON.stringify(codes)}.map((code) => {
  const letter = String.fromCodePoint(code);
  const width = Math.max(1, Math.round(context.measureText(letter).width));
  context.clearRect(0, 0, 40, ${HEIGHT});
  context.fillText(letter, 0, ${ASCENT});
  const { data } = context.getImageData(0, 0, width, ${HEIGHT});
  return [width, Array.from({ length: width * ${HEIGHT} }, (_, at) => Math.round(data[at * 4 + 3] / 17).toString(16)).join('')];
});
document.getElementById('out').textContent = JSON.stringify(out);
</script>`;

const folder = mkdtempSync(join(tmpdir(), 'glyphs-'));
try {
  const path = join(folder, 'page.html');
  writeFileSync(path, page);
  const { stdout } = spawnSync(
    process.env.CHROMIUM ?? 'chromium',
    ['--headless', '--no-sandbox', '--disable-gpu', '--disable-lcd-text', '--dump-dom', `file://${path}`],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  const found = JSON.parse(/<pre id="out">(.*?)<\/pre>/s.exec(stdout)?.[1] ?? '[]');
  const nibbles = found.map(([, text]) => text).join('');
  const packed = deflateRawSync(Buffer.from(nibbles.length % 2 ? `${nibbles}0` : nibbles, 'hex'), {
    level: 9,
  });
  const widths = Buffer.from(found.map(([width]) => width));
  const ranges = [];
  for (const code of codes) {
    const last = ranges.at(-1);
    if (last && last[1] === code - 1) last[1] = code;
    else ranges.push([code, code]);
  }
  const text = `/**
 * Letters of DejaVu Sans at ${SIZE} px, drawn by scripts/glyphs.mjs: do not edit.
 * Fonts are (c) Bitstream (Bitstream Vera) and in the public domain (DejaVu changes);
 * https://dejavu-fonts.github.io/License.html
 */
export const GLYPHS = {
  height: ${HEIGHT},
  ascent: ${ASCENT},
  /** First and last code points of stretches, in the order of the letters. */
  ranges: ${JSON.stringify(ranges)},
  /** A byte for each: how wide it is. Base64. */
  widths: '${widths.toString('base64')}',
  /** Four bits of opacity for each pixel, letter by letter, row by row. Raw deflate, base64. */
  pixels:
    '${packed.toString('base64')}',
} as const;
`;
  writeFileSync(join(ROOT, 'src/history/charts/glyphs.ts'), text);
  console.log(`${found.length} letters, ${text.length} bytes`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
