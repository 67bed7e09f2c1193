/**
 * What a message about alerts says, as data: the short number stands beside the words, because another node may take it.
 * It becomes text where it leaves: in the flow, and in a file.
 */

/** A line with the short number of an alert: `🟠 #3 freezer is above −15 °C`. */
export interface NumberedLine {
  mark: string;
  number: number;
  said: string;
}

export type AlertLine = string | NumberedLine;
export type AlertText = readonly AlertLine[];

/** What a line about an alert begins with. */
export function markOf(state: 'normal' | 'firing' | 'nodata', isCritical: boolean): string {
  if (state !== 'firing') return state === 'normal' ? '🟢' : '⚪';
  return isCritical ? '🔴' : '🟠';
}

export function showLine(line: AlertLine): string {
  return typeof line === 'string' ? line : `${line.mark} #${line.number} ${line.said}`;
}

export function showText(text: AlertText): string {
  return text.map(showLine).join('\n');
}

/** A line with something behind it. */
export function extended(line: AlertLine, more: string): AlertLine {
  return typeof line === 'string' ? line + more : { ...line, said: line.said + more };
}

/** The same text with another number for one alert. */
export function renumberedText(text: AlertText, from: number, to: number): AlertText {
  return text.map((line) => renumberedLine(line, from, to));
}

export function renumberedLine(line: AlertLine, from: number, to: number): AlertLine {
  return typeof line !== 'string' && line.number === from ? { ...line, number: to } : line;
}

/** A line as a file has it: the only place where one is read back. */
export function storedLine(line: string): AlertLine {
  const [, mark, number, said] = /^(\S+) #([1-9]\d{0,8}) (.*)$/su.exec(line) ?? [];
  if (mark === undefined || number === undefined || said === undefined) return line;
  return { mark, number: Number(number), said };
}

export function storedText(text: string): AlertText {
  return text.split('\n').map(storedLine);
}
