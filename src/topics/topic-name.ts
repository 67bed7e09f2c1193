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

/** A name that is made of a device's and of the words for a device class. */
export interface ClassName {
  /** Empty where no device is named. */
  device: string;
  class: string;
}

/** A topic's or a value's name, in the language of Node-RED. */
interface Named {
  name: string;
  /** For readers of another language; absent: the name is nobody's language, as its device has it. */
  byClass?: ClassName;
  meaning?: Meaning;
}

/** A name as somebody says it who has these words for a device class. */
export function saidBy<T extends Named>(named: T, words: (deviceClass: string) => string): T {
  const { byClass, meaning } = named;
  if (!byClass) return named;
  const label = words(byClass.class);
  const name = byClass.device === '' ? label : `${byClass.device} ${label}`;
  return { ...named, name, ...(meaning?.label !== undefined && { meaning: { ...meaning, label } }) };
}

/** What Home Assistant calls a topic. */
export interface TopicName {
  topic: string;
  /** Empty: the topic is not announced any more. */
  name: string;
  byClass?: ClassName;
  /** The room that its device suggests. */
  area?: string;
  unit?: string;
  /** The only device that it is about; absent where several share it. */
  device?: NamedDevice;
  /** What the whole payload is about; absent where it is no value by itself. */
  meaning?: Meaning;
  /** Numbers in its JSON, by path. */
  fields?: Record<string, Named & { unit?: string }>;
}
