import type { Entity } from './entity';

/** Which entities a node wants: all that is typed must hold. Empty counts as not typed. */
export interface EntityFilter {
  component?: string;
  deviceClass?: string;
  /** Name of the device; `*` stands for any text. */
  device?: string;
  /** Area that the device suggests; `*` stands for any text. */
  area?: string;
  /** Name of the entity, or its entity id; `*` stands for any text. */
  pattern?: string;
}

const MAX_PATTERN = 200;

/** Makes the test of a filter. Capital letters do not matter. A filter without anything wants every entity that is shown. */
export function entityMatcher(filter: EntityFilter): (entity: Entity) => boolean {
  const component = plain(filter.component);
  const deviceClass = plain(filter.deviceClass);
  const device = textMatcher(filter.device);
  const area = textMatcher(filter.area);
  const pattern = textMatcher(filter.pattern);
  return (entity) =>
    entity.isShown &&
    (component === '' || entity.component === component) &&
    (deviceClass === '' || entity.deviceClass === deviceClass) &&
    device(entity.device?.name ?? '') &&
    area(entity.device?.area ?? '') &&
    (pattern(entity.name) || pattern(entity.entityId));
}

/** Without `*` the whole text has to be the same. */
function textMatcher(wanted: string | undefined): (text: string) => boolean {
  const pattern = plain(wanted);
  if (pattern === '') return () => true;
  const [first = '', ...rest] = pattern.split(/\*+/);
  const last = rest.pop();
  return (text) => {
    const given = text.toLowerCase().normalize('NFC');
    if (last === undefined) return given === first;
    if (!given.startsWith(first)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = given.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return given.length - last.length >= at && given.endsWith(last);
  };
}

function plain(text: string | undefined): string {
  return (text ?? '').trim().slice(0, MAX_PATTERN).toLowerCase().normalize('NFC');
}
