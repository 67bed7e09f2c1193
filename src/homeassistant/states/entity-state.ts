import type { Clock } from '../../base/clock';
import { hasWildcard, matches } from '../../topics/filter';
import type { Entity } from '../entity';
import type { Payload } from '../templates/payload';
import type { Template, Templates } from '../templates/template';
import { EntityAvailability } from './availability';
import { CLIMATE } from './climate';
import { type Draft, objectIn, type Source, setExtra } from './draft';
import { lightSources } from './light';
import { MOVING } from './moving';
import { SIMPLE } from './simple';
import { TextRoom } from './text-room';

/** Longest text that is a state, in characters: Home Assistant takes 255. */
const MAX_STATE = 16_384;
/** Longest JSON of attributes, in characters. */
const MAX_ATTRIBUTES = 65_536;

/** What an entity is now. */
export interface Current {
  /** Number, boolean or text by component and device class; null: not known. */
  readonly payload: string | number | boolean | null;
  readonly known: boolean;
  readonly available: boolean;
  /** What the template of the state gave, as text; without one, the payload. Empty before the first message. */
  readonly raw: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** What only Home Assistant knows and a template asked for (`states`, `now`), so that `raw` is the payload. */
  readonly unsupported: string | undefined;
}

export interface StateMessage {
  readonly topic: string;
  /** Shared by all entities of a topic, so that its JSON is read once. */
  readonly payload: Payload;
  readonly retained: boolean;
}

interface Listener {
  readonly filter: string;
  /** Levels of a filter with wildcards; undefined where the topic is plain. */
  readonly levels: readonly string[] | undefined;
  readonly source: Source;
  readonly template: Template | undefined;
}

/** Follows one entity: takes its messages, and says what it is. */
export class EntityState {
  private readonly draft: Draft = { state: null, attributes: new Map(), extra: new Map() };
  private readonly listeners: readonly Listener[];
  private readonly availability: EntityAvailability;
  private raw = '';
  private unsupported: string | undefined;
  /** Ms of the steady clock; undefined: it does not expire, or has. */
  private expiresAt: number | undefined;
  private offAt: number | undefined;
  private isExpired: boolean;
  /** What the last message left, to tell whether the next one changes anything: all but `raw` and the JSON of attributes. */
  private told: string;
  private toldRaw = '';
  /** JSON of the attributes that came by themselves. */
  private extraText = '';
  private toldExtra = '';
  /** Characters that it keeps. */
  private size = 0;
  /** Length of a text of the last message that was left out, in characters; 0: none was. */
  leftOut = 0;

  constructor(
    readonly entity: Entity,
    templates: Templates,
    private readonly clock: Pick<Clock, 'steady'>,
    /** Shared by many. */
    private readonly room = new TextRoom(),
  ) {
    this.listeners = sourcesOf(entity).flatMap((source) => listenerOf(entity, source, templates));
    this.availability = new EntityAvailability(entity, templates);
    this.isExpired = this.expireAfter !== undefined;
    this.told = this.stamp();
  }

  /** Takes a message; true where it changed something, or was an event. */
  take({ topic, payload, retained }: StateMessage): boolean {
    let isEvent = false;
    this.leftOut = 0;
    this.availability.take(topic, payload);
    for (const listener of this.listeners) {
      if (!isFor(listener, topic)) continue;
      // A retained event has happened before.
      if (this.entity.component === 'event' && retained && listener.source.isMain) continue;
      isEvent = this.read(listener, payload) || isEvent;
    }
    const { told, toldRaw, toldExtra } = this;
    this.fit(this.stamp());
    return isEvent || this.told !== told || this.toldRaw !== toldRaw || this.toldExtra !== toldExtra;
  }

  /** Nobody follows it any more. */
  close(): void {
    this.room.resize(this.size, 0);
    this.size = 0;
  }

  /** Keeps what the messages left, or where there is no room for it, nothing. */
  private fit(stamp: string): void {
    const { draft, room } = this;
    const size = this.raw.length + this.extraText.length + stamp.length;
    if (room.resize(this.size, size)) {
      this.size = size;
      this.told = stamp;
    } else {
      this.leftOut = size;
      draft.state = null;
      draft.attributes.clear();
      draft.extra = new Map();
      this.raw = this.extraText = '';
      this.close();
      this.told = this.stamp();
    }
    this.toldRaw = this.raw;
    this.toldExtra = this.extraText;
  }

  /** Takes what a command will make of it, for an entity that never says its state. */
  assume(state: Draft['state'], attributes: Readonly<Record<string, unknown>> = {}): void {
    this.draft.state = state;
    for (const [name, value] of Object.entries(attributes)) this.draft.attributes.set(name, value);
  }

  get current(): Current {
    const { state, attributes, extra } = this.draft;
    return {
      payload: state,
      known: state !== null,
      available: this.availability.isAvailable && !this.isExpired,
      raw: this.raw,
      attributes: Object.fromEntries([...extra, ...attributes]),
      unsupported: this.unsupported,
    };
  }

  /** When {@link expire} wants to be called, in ms of the steady clock; undefined: never. */
  get nextExpiry(): number | undefined {
    if (this.expiresAt === undefined || this.offAt === undefined) return this.expiresAt ?? this.offAt;
    return Math.min(this.expiresAt, this.offAt);
  }

  /** Ends what has run out; true where that changed something. */
  expire(): boolean {
    const now = this.clock.steady();
    let changed = false;
    if (this.expiresAt !== undefined && now >= this.expiresAt) {
      this.expiresAt = undefined;
      this.isExpired = true;
      changed = true;
    }
    if (this.offAt !== undefined && now >= this.offAt) {
      this.offAt = undefined;
      changed = this.draft.state !== false || changed;
      this.draft.state = false;
    }
    return changed;
  }

  /** True for a message that is an event. */
  private read({ source, template }: Listener, payload: Payload): boolean {
    if (source.isMain) this.renew();
    const rendered = template?.ofPayload(payload, this.variables) ?? { text: payload.text };
    let text: string;
    if ('text' in rendered) text = rendered.text;
    else {
      // The old state is kept, as in Home Assistant; only what Home Assistant alone can evaluate comes as it is.
      if (rendered.error.code !== 'unsupported') return false;
      text = payload.text;
      this.unsupported = String(rendered.error.text.params?.name ?? '');
    }
    const isExtra = source === ATTRIBUTES;
    if (text.length > (isExtra ? MAX_ATTRIBUTES : MAX_STATE)) {
      this.leftOut = text.length;
      return false;
    }
    if (isExtra) {
      this.readExtra(source, text);
      return false;
    }
    if (this.entity.component === 'event' && source.isMain) return this.readEvent(source, text);
    if (source.isMain) this.raw = text;
    source.read(text, this.draft, this.entity);
    if (source.isMain) this.delayOff();
    return false;
  }

  private readExtra(source: Source, text: string): void {
    // Most come again as they were.
    if (text === this.extraText) return;
    const { extra } = this.draft;
    source.read(text, this.draft, this.entity);
    if (this.draft.extra !== extra) this.extraText = text;
  }

  /** An event is one although it says the same as the one before. */
  private readEvent(source: Source, text: string): boolean {
    const { state } = this.draft;
    this.draft.state = null;
    source.read(text, this.draft, this.entity);
    if (this.draft.state !== null) {
      this.raw = text;
      return true;
    }
    this.draft.state = state;
    return false;
  }

  private get variables(): Readonly<Record<string, unknown>> {
    return { entity_id: this.entity.entityId, name: this.entity.name };
  }

  private get expireAfter(): number | undefined {
    const seconds = this.entity.number('expire_after');
    const { component } = this.entity;
    return (component === 'sensor' || component === 'binary_sensor') && seconds !== undefined && seconds > 0
      ? seconds * 1_000
      : undefined;
  }

  private renew(): void {
    const after = this.expireAfter;
    if (after === undefined) return;
    this.isExpired = false;
    this.expiresAt = this.clock.steady() + after;
  }

  /** A motion sensor that never says that nothing moves any more goes off by itself. */
  private delayOff(): void {
    const delay = this.entity.number('off_delay');
    if (this.entity.component !== 'binary_sensor' || delay === undefined) return;
    this.offAt = this.draft.state === true ? this.clock.steady() + delay * 1_000 : undefined;
  }

  private stamp(): string {
    const { state, attributes } = this.draft;
    const { isAvailable } = this.availability;
    return JSON.stringify([state, isAvailable && !this.isExpired, [...attributes]]);
  }
}

/** Attributes as JSON, of any component. */
const ATTRIBUTES: Source = {
  topic: 'json_attributes_topic',
  templates: ['json_attributes_template'],
  read: (text, draft) => {
    const object = objectIn(text);
    if (object) setExtra(draft, object);
  },
};

function sourcesOf(entity: Entity): readonly Source[] {
  const { component } = entity;
  if (!entity.isReadable) return [];
  const own =
    component === 'light'
      ? lightSources(entity)
      : (SIMPLE[component] ?? MOVING[component] ?? CLIMATE[component]);
  return [...(own ?? []), ATTRIBUTES];
}

function listenerOf(entity: Entity, source: Source, templates: Templates): Listener[] {
  const filter = entity.text(source.topic);
  if (filter === undefined || !entity.topics.includes(filter)) return [];
  const template = source.templates.map((name) => entity.text(name)).find((one) => one !== undefined);
  return [
    {
      filter,
      levels: hasWildcard(filter) ? filter.split('/') : undefined,
      source,
      template: template === undefined ? undefined : templates.read(template),
    },
  ];
}

function isFor({ filter, levels }: Listener, topic: string): boolean {
  return levels ? matches(levels, topic.split('/')) : filter === topic;
}
