/// <reference path="../../../editor/red.d.ts" />
import { DigestTime } from '../../../alert/digest';
import { judgeLimits, LimitsFault } from '../../../alert/limits';
import { QuietHours, timeFormat } from '../../../alert/quiet-hours';
import { type Condition, type LimitField, limitFields, TEXT_CONDITIONS } from '../../../alert/rules';
import { type NameIn, text } from '../../../base/catalogue';
import type { Text } from '../../../base/text';
import type { Rule } from '../../../editor/validation';
import { readHysteresis, readLength, readLimits } from '../field-readings';

/** Reads another field: from the open dialog, else as stored. */
export type Look = (property: string) => string;

/** True if the node watches devices: then no condition counts. */
export const isForDevices = (look: Look): boolean => look('watch') === 'devices';

export const conditionOf = (look: Look): Condition =>
  isForDevices(look) ? 'nodata' : (look('condition') as Condition);

export const isOnText = (condition: string): boolean => TEXT_CONDITIONS.some((one) => one === condition);

/** The reason why a limit cannot work: a number, a text (for conditions on text), or the name of its source. */
export function limitReason(typed: string, property: LimitField, look: Look): Text | undefined {
  const condition = conditionOf(look);
  const value = typed.trim();
  if (!limitFields(condition).includes(property)) return undefined;
  const { source, lookups } = readLimits(condition, (field) =>
    field === property ? value : look(field).trim(),
  );
  if (lookups.some(({ field }) => field === property)) return undefined;
  if (value === '') return property.startsWith('critical') ? undefined : text('rule.limitMissing');
  if (!isOnText(condition) && typeof source[property] !== 'number')
    return text('rule.limitNumber', { value });
  const found = judgeLimits(
    condition,
    source,
    readHysteresis(look('hysteresis')) ?? { size: 0, percent: false },
  );
  return found instanceof LimitsFault && found.field === property ? found.text : undefined;
}

/** `2` or `5%`; empty: none. */
export const hysteresis = readable('hysteresis', readHysteresis);

/** `22:00-07:00`, or several separated by commas; empty: none. */
export const quietHours = readable('quietHours', (typed) => QuietHours.parse(typed));

/** `08:00`; empty: everything is told at once. */
export const digest = readable('digest', (typed) => DigestTime.parse(typed));

/** A name of the IANA database; empty: Node-RED's time zone. */
export const timeZone = readable('timeZone', timeFormat);

/** A duration of a year at most; empty: the default. */
export const duration = readable('duration', readLength);

/** A duration; above 0 where one is needed. */
export const span =
  (needed: (look: Look) => boolean) =>
  (typed: string, look: Look): Text | undefined => {
    const reason = duration(typed);
    return reason ?? (needed(look) && !readLength(typed) ? text('rule.durationZero') : undefined);
  };

/** A rule that names the text in its reason. */
function readable(reason: NameIn<'rule'>, read: (typed: string) => unknown): Rule {
  return (typed) => {
    const value = typed.trim();
    return value === '' || read(value) !== undefined ? undefined : text(`rule.${reason}`, { value });
  };
}
