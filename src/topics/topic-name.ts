/** A topic by which a device says whether it is there. */
export interface Presence {
  topic: string;
  /** Path in a JSON payload; absent: the payload is what it says. */
  field?: string;
  available: string;
  notAvailable: string;
}

/** The device that an entity belongs to. */
export interface NamedDevice {
  /** Its first identifier, or its first connection. */
  id: string;
  /** Empty where it has none. */
  name: string;
  presence?: readonly Presence[];
  /** How several topics of presence count together; absent: the latest. */
  presenceMode?: 'all' | 'any';
}

/** What a value is about, so that people see first what they look for. */
export interface Meaning {
  /** The entity's own name, without that of its device. */
  label?: string;
  /** `temperature`: the device class, as Home Assistant calls it; the component of what is no sensor. */
  class?: string;
  /** It is about the device itself: `config` or `diagnostic`. */
  isMinor?: true;
}

/** What Home Assistant calls a topic. */
export interface TopicName {
  topic: string;
  /** Empty: the topic is not announced any more. */
  name: string;
  /** The room that its device suggests. */
  area?: string;
  unit?: string;
  /** The only device that it is about; absent where several share it. */
  device?: NamedDevice;
  /** What the whole payload is about; absent where it is no value by itself. */
  meaning?: Meaning;
  /** Numbers in its JSON, by path. */
  fields?: Record<string, { name: string; unit?: string; meaning?: Meaning }>;
}
