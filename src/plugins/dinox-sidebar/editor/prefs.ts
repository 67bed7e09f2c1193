import { red } from './red';

/** A person's choices, kept in this browser. */
export interface Prefs {
  broker: string;
  layout: 'tiles' | 'tree';
  sort: Sort;
  group: Group;
  /** Pinned topics, by broker. */
  pins: Record<string, string[]>;
  /** Shown field of each JSON topic, by broker. */
  fields: Record<string, Record<string, string>>;
  /** Topics that were published to, newest first; with payloads only if a person chose that. */
  sent: LastPublication[];
  /** True if a person wants payloads kept in this browser. */
  keepSent: boolean;
}

export interface LastPublication {
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
      // Not our data: the defaults apply.
    }
    this.forgetPayloads();
  }

  /** Removes payloads, which may be door codes, including those that an earlier version kept unasked. */
  private forgetPayloads(): void {
    const { sent, keepSent } = this.values;
    if (keepSent || !sent.some((one) => one.payload !== undefined)) return;
    this.values.sent = onePerTopic(sent.map(({ payload: _, ...rest }) => rest));
    this.save();
  }

  /** Switches keeping payloads on or off; off removes the kept ones. */
  setKeepSent(on: boolean): void {
    this.values.keepSent = on;
    this.save();
    this.forgetPayloads();
  }

  /** Takes only values of the right form. */
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
      // Without room in this browser, the choices last as long as the page.
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

  addSent({ payload, ...rest }: LastPublication): void {
    const keeps = this.values.keepSent && payload !== undefined && payload.length <= MAX_SENT_LENGTH;
    const sent: LastPublication = keeps ? { ...rest, payload } : rest;
    const others = this.values.sent.filter((one) => one.topic !== sent.topic || one.payload !== sent.payload);
    this.values.sent = [sent, ...others].slice(0, MAX_SENT);
    this.save();
  }
}

function onePerTopic(sent: readonly LastPublication[]): LastPublication[] {
  const topics = new Map<string, LastPublication>();
  for (const one of sent) if (!topics.has(one.topic)) topics.set(one.topic, one);
  return [...topics.values()];
}

export type Group = 'none' | 'path' | 'last';
export type Sort = 'name' | 'newest' | 'active' | 'stale';
