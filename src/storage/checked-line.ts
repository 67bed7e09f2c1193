import { crc32 } from 'node:zlib';

/**
 * A value as a line of a file: a checksum (CRC-32, eight hexadecimal digits), then its JSON. A line break stands on
 * either side, so that a damaged byte, even a line break, costs one record and never its neighbour.
 */
export function checkedLine(value: unknown): string {
  const json = JSON.stringify(value);
  return `\n${crc32(json).toString(16).padStart(8, '0')}${json}\n`;
}

/** The value of a line without its line breaks; undefined if it is damaged, or not such a line. */
export function readCheckedLine(line: Buffer): unknown {
  const text = line.toString('utf8');
  const json = text.slice(8);
  if (!/^[0-9a-f]{8}$/.test(text.slice(0, 8)) || Number.parseInt(text.slice(0, 8), 16) !== crc32(json)) {
    return undefined;
  }
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
