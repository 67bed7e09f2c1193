/// <reference path="../../../editor/red.d.ts" />
import { CHECKS, type Check } from '../../../alert/device-check';
import { el } from '../../../editor/dom';

/** The checks of a stored node; one that names none has all. */
export function checksOf(stored: unknown): Check[] {
  const typed = Array.isArray(stored) ? stored.map(String) : String(stored ?? '').split(/[\s,;]+/);
  const known = CHECKS.filter((check) => typed.includes(check));
  return Array.isArray(stored) || known.length > 0 ? known : [...CHECKS];
}

/** One box for each check. */
export class DeviceChecks {
  private readonly boxes: readonly HTMLInputElement[];

  constructor(place: HTMLElement, chosen: readonly Check[], translate: (key: string) => string) {
    this.boxes = CHECKS.map((check) => {
      const box = el('input', '', { type: 'checkbox', value: check });
      box.checked = chosen.includes(check);
      place.append(el('label', 'dal-check', {}, box, el('span', '', {}, translate(`checkBox.${check}`))));
      return box;
    });
  }

  get value(): Check[] {
    return this.boxes.filter(({ checked }) => checked).map(({ value }) => value as Check);
  }
}
