import { parseDuration } from '../../base/duration';
import type { EntityFilter } from '../../homeassistant/entity-filter';
import { flag, trimmed } from '../../runtime/config/raw-fields';

/** Fields of `dinox-ha-entity`, read once. */
export interface EntitySettings {
  /** Undefined: that of the connection. */
  prefix: string | undefined;
  /** Keys of the chosen entities, `<component>.<unique_id>`; undefined: all that the filter takes. */
  keys: ReadonlySet<string> | undefined;
  filter: EntityFilter;
  onlyChanges: boolean;
  /** True if a command is done only when the state says so. */
  confirm: boolean;
  /** Milliseconds until a command that is not confirmed, or whose entity is not announced, is an error. */
  timeout: number;
}

const TIMEOUT = 10_000;
/** Most entities that are chosen one by one. */
const MAX_CHOSEN = 1_000;

export function entitySettings(def: Readonly<Record<string, unknown>>): EntitySettings {
  return {
    prefix: trimmed(def.prefix).replace(/\/+$/, '') || undefined,
    keys: def.mode === 'filter' ? undefined : new Set(chosenKeys(def.entities)),
    filter: filterOf(def),
    onlyChanges: flag(def.onlyChanges, false),
    confirm: flag(def.confirm, false),
    timeout: parseDuration(trimmed(def.timeout)) || TIMEOUT,
  };
}

/** What is typed of a filter; the same names in a flow file and in a question of the dialog. */
export function filterOf(fields: Readonly<Record<string, unknown>>): EntityFilter {
  return {
    component: trimmed(fields.component),
    deviceClass: trimmed(fields.deviceClass),
    device: trimmed(fields.device),
    area: trimmed(fields.area),
    pattern: trimmed(fields.pattern),
  };
}

function chosenKeys(entities: unknown): string[] {
  const all = Array.isArray(entities) ? entities : [];
  return all.filter((key) => typeof key === 'string' && key !== '').slice(0, MAX_CHOSEN);
}
