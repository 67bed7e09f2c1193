/** Colours in the forms that lights take. */

export type Rgb = readonly [red: number, green: number, blue: number];

/** Hue 0 to 360, saturation 0 to 100; brightness is not in it. */
export function rgbToHs([r, g, b]: Rgb): [number, number] {
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  const range = most - least;
  if (range === 0) return [0, 0];
  let hue: number;
  if (most === r) hue = ((g - b) / range) % 6;
  else if (most === g) hue = (b - r) / range + 2;
  else hue = (r - g) / range + 4;
  return [round((hue * 60 + 360) % 360), round((range / most) * 100)];
}

export function hsToRgb(hue: number, saturation: number): Rgb {
  const channel = (offset: number): number => {
    const k = (offset + hue / 60) % 6;
    return Math.round(255 * (1 - (saturation / 100) * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return [channel(5), channel(3), channel(1)];
}

/** CIE 1931, in the wide gamut that Home Assistant assumes. */
export function rgbToXy(rgb: Rgb): [number, number] {
  const [r, g, b] = rgb.map((one) => {
    const part = one / 255;
    return part > 0.04045 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92;
  }) as [number, number, number];
  const x = r * 0.664511 + g * 0.154324 + b * 0.162028;
  const y = r * 0.283881 + g * 0.668433 + b * 0.047685;
  const z = r * 0.000088 + g * 0.07231 + b * 0.986039;
  const sum = x + y + z;
  return sum === 0 ? [0, 0] : [round(x / sum), round(y / sum)];
}

export function xyToRgb(x: number, y: number): Rgb {
  const bright = 1;
  const safe = y === 0 ? 1e-10 : y;
  const [bigX, bigZ] = [(bright / safe) * x, (bright / safe) * (1 - x - safe)];
  const linear = [
    bigX * 1.656492 - bright * 0.354851 - bigZ * 0.255038,
    -bigX * 0.707196 + bright * 1.655397 + bigZ * 0.036152,
    bigX * 0.051713 - bright * 0.121364 + bigZ * 1.01153,
  ].map((one) => (one <= 0.0031308 ? 12.92 * one : 1.055 * one ** (1 / 2.4) - 0.055));
  const positive = linear.map((one) => Math.max(0, one));
  const most = Math.max(...positive, 1e-9);
  return positive.map((one) => Math.round((most > 1 ? one / most : one) * 255)) as unknown as Rgb;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
