/** Publications that people saved by name: the sidebar sends them, and the chat those that are marked for it. */
import { text } from '../base/catalogue';
import { Fault } from '../base/fault';
import { plain } from '../base/printable';
import { topicFault } from '../topics/filter';
import { isSameName } from './actuators';
import { tokensIn } from './words';

const MAX_PRESETS = 100;
const MAX_NAME = 60;
const MAX_PAYLOAD = 16_384;

export interface Preset {
  name: string;
  topic: string;
  payload: string;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** True if people who may can publish it from the chat. */
  chat: boolean;
}

export type PresetFault = Fault<'name' | 'topic' | 'payload' | 'qos' | 'many' | 'twin' | 'unknown'>;

/** Reads a preset that comes from outside; a fault names the field. */
export function readPreset(raw: unknown): Preset | PresetFault {
  const fields = new Map<string, unknown>(Object.entries(typeof raw === 'object' && raw !== null ? raw : {}));
  const typed = (field: string): string => {
    const given = fields.get(field);
    return typeof given === 'string' || typeof given === 'number' ? String(given) : '';
  };
  const name = typed('name')
    .slice(0, 4 * MAX_NAME)
    .trim()
    .replace(/\s+/g, ' ');
  if (name !== plain(name, MAX_NAME) || tokensIn(name).length === 0)
    return new Fault('name', text('actuator.name', { most: MAX_NAME }));
  const topic = typed('topic').trim();
  const wrong = topicFault(topic);
  if (wrong) return new Fault('topic', wrong.text);
  const payload = typed('payload');
  if (payload.length > MAX_PAYLOAD) return new Fault('payload', text('actuator.long', { most: MAX_PAYLOAD }));
  const qos = typed('qos') === '' ? 0 : Number(typed('qos'));
  if (qos !== 0 && qos !== 1 && qos !== 2)
    return new Fault('qos', text('actuator.qos', { given: plain(typed('qos'), 20) }));
  return {
    name,
    topic,
    payload,
    qos,
    retain: fields.get('retain') === true,
    chat: fields.get('chat') === true,
  };
}

/** The presets of a connection, in the order of their names. */
export class Presets {
  private presets: readonly Preset[] = [];
  private readonly listeners = new Set<(isUrgent: boolean) => void>();

  /** Reads what {@link toJSON} made; anything else in it is left out. */
  static from(stored: unknown): Presets {
    const made = new Presets();
    const { presets } = (typeof stored === 'object' && stored !== null ? stored : {}) as {
      presets?: unknown;
    };
    for (const raw of Array.isArray(presets) ? presets.slice(0, MAX_PRESETS) : []) {
      const preset = readPreset(raw);
      if (!(preset instanceof Fault) && !made.find(preset.name)) made.put(preset);
    }
    return made;
  }

  get all(): readonly Preset[] {
    return this.presets;
  }

  /** The one with the words of this name. */
  find(name: string): Preset | undefined {
    const words = tokensIn(name);
    return this.presets.find((one) => isSameName(tokensIn(one.name), words));
  }

  /**
   * Saves a preset.
   * @param replaced name of the one that it takes the place of; undefined: it is a new one
   * @returns why it cannot be saved
   */
  save(preset: Preset, replaced?: string): PresetFault | undefined {
    const before = replaced === undefined ? undefined : this.find(replaced);
    if (replaced !== undefined && !before) return new Fault('unknown', text('preset.unknown'));
    const twin = this.find(preset.name);
    if (twin && twin !== before) return new Fault('twin', text('preset.twin', { name: twin.name }));
    if (!before && this.presets.length >= MAX_PRESETS)
      return new Fault('many', text('preset.many', { most: MAX_PRESETS }));
    this.presets = this.presets.filter((one) => one !== before);
    this.put(preset);
    this.changed();
    return undefined;
  }

  /** @returns false if there is none of this name */
  remove(name: string): boolean {
    const found = this.find(name);
    if (!found) return false;
    this.presets = this.presets.filter((one) => one !== found);
    this.changed();
    return true;
  }

  onChange(listener: (isUrgent: boolean) => void): void {
    this.listeners.add(listener);
  }

  toJSON(): { version: 1; presets: readonly Preset[] } {
    return { version: 1, presets: this.presets };
  }

  private put(preset: Preset): void {
    this.presets = [...this.presets, preset].sort((one, two) => one.name.localeCompare(two.name));
  }

  private changed(): void {
    for (const listener of this.listeners) listener(true);
  }
}
