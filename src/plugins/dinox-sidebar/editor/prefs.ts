import { red } from './red';

/** What a person chose, in this browser. */
export interface Prefs {
  broker: string;
  layout: 'tiles' | 'tree';
  sort: Sort;
  group: Group;
  /** By broker. */
  pins: Record<string, string[]>;
  /** By broker: the field of a JSON topic that stands for it. */
  fields: Record<string, Record<string, string>>;
  /** Where something was published, the newest first; what it was only where a person ticked that. */
  sent: Sent[];
  /** A person wants payloads to be kept in this browser. */
  keepSent: boolean;
}

export interface Sent {
  topic: string;
  /** Absent: not kept. */
  payload?: string;
  qos: number;
  retain: boolean;
}

const KEY = 'dinox-sidebar';
const MAX_PINS = 200;
const MAX_SENT = 20;
const MAX_SENT_LENGTH = 4_000;

export class Preferences {
  readonly values: Prefs = {
    broker: '',
    layout: 'tiles',
    sort: 'name',
    group: 'none',
    pins: {},
    fields: {},
    sent: [],
    keepSent: false,
  };

  constructor() {
    try {
      const stored: unknown = JSON.parse(red().settings.getLocal(KEY) ?? '{}');
      if (typeof stored === 'object' && stored !== null) this.adopt(stored as Record<string, unknown>);
    } catch {
      // Somebody else's words: it begins anew.
    }
    this.forgetPayloads();
  }

  /** Payloads may be door codes: what an earlier version kept without being asked goes as well. */
  private forgetPayloads(): void {
    const { sent, keepSent } = this.values;
    if (keepSent || !sent.some((one) => one.payload !== undefined)) return;
    this.values.sent = onePerTopic(sent.map(({ payload: _, ...rest }) => rest));
    this.save();
  }

  /** From now on payloads are kept, or not; what was kept is forgotten then. */
  setKeepSent(on: boolean): void {
    this.values.keepSent = on;
    this.save();
    this.forgetPayloads();
  }

  /** Only what has the form it should have. */
  private adopt(stored: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(this.values)) {
      const other = stored[name];
      const fits =
        typeof other === typeof value && other !== null && Array.isArray(other) === Array.isArray(value);
      if (fits) Object.assign(this.values, { [name]: other });
    }
  }

  save(): void {
    try {
      red().settings.setLocal(KEY, JSON.stringify(this.values));
    } catch {
      // No room in this browser: it is forgotten with the page.
    }
  }

  pinsOf(broker: string): Set<string> {
    const list = this.values.pins[broker];
    return new Set(Array.isArray(list) ? list : []);
  }

  togglePin(broker: string, topic: string): void {
    const pins = this.pinsOf(broker);
    if (!pins.delete(topic)) pins.add(topic);
    this.values.pins[broker] = [...pins].slice(-MAX_PINS);
    this.save();
  }

  fieldOf(broker: string, topic: string): string | undefined {
    const fields = this.values.fields[broker];
    return fields && Object.keys(fields).includes(topic) ? fields[topic] : undefined;
  }

  setField(broker: string, topic: string, field: string): void {
    const fields = { ...this.values.fields[broker] };
    if (field) fields[topic] = field;
    else delete fields[topic];
    this.values.fields[broker] = Object.fromEntries(Object.entries(fields).slice(-MAX_PINS));
    this.save();
  }

  addSent({ payload, ...rest }: Sent): void {
    const keeps = this.values.keepSent && payload !== undefined && payload.length <= MAX_SENT_LENGTH;
    const sent: Sent = keeps ? { ...rest, payload } : rest;
    const others = this.values.sent.filter((one) => one.topic !== sent.topic || one.payload !== sent.payload);
    this.values.sent = [sent, ...others].slice(0, MAX_SENT);
    this.save();
  }
}

function onePerTopic(sent: readonly Sent[]): Sent[] {
  const topics = new Map<string, Sent>();
  for (const one of sent) if (!topics.has(one.topic)) topics.set(one.topic, one);
  return [...topics.values()];
}

export type Group = 'none' | 'path' | 'last';
export type Sort = 'name' | 'newest' | 'active' | 'stale';
