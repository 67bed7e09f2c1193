import type { Translate } from '../base/translate';

/** Reply of a node to `status`. */
export interface Overview {
  /** Name of the node. */
  name: string;
  isOff: boolean;
  /** Number of keys it watches. */
  keys: number;
  /** Number of keys that alert; undefined if only some were asked for. */
  open: number | undefined;
  lines: readonly string[];
  silences: readonly string[];
}

/** Which text says that nothing alerts. */
export function wellKey(keys: number): string {
  if (keys === 0) return 'normalNone';
  return keys === 1 ? 'normalSingle' : 'normal';
}

/** The overviews of all nodes that a chat leads to, as one answer. */
export function overviewText(parts: readonly Overview[], translate: Translate): string {
  const isOne = parts.length === 1;
  const on = parts.filter(({ isOff }) => !isOff);
  const asked = on.filter(({ open }) => open !== undefined);
  const keys = asked.reduce((sum, part) => sum + part.keys, 0);
  const open = asked.reduce((sum, part) => sum + (part.open ?? 0), 0);
  const lines = [];
  if (open > 0) lines.push(translate('answer.openCount', { count: open, keys }));
  else if (asked.length > 0) lines.push(translate(`answer.${wellKey(keys)}`, { count: keys }));
  for (const { name, isOff } of parts) {
    if (isOff) lines.push(isOne ? translate('answer.disabled') : `${name}: ${translate('answer.disabled')}`);
  }
  for (const part of parts) lines.push(...part.lines);
  // A silence of all nodes is shown once.
  lines.push(...new Set(parts.flatMap(({ silences }) => silences)));
  return lines.join('\n');
}
