import type { Value } from '../../alert/states';
import { type Openness, openingName, opennessOf } from '../../base/opening';
import { isPlainField } from '../../base/plain-field';
import type { HomeNames } from '../../homeassistant/names';
import type { AlertConfig } from './config';

/** The part of a connection that knows what devices call their topics. */
export interface NamingBroker {
  readonly names: Pick<HomeNames, 'of'>;
  readonly watcher: { watchNames(): () => void };
  readonly config: { readonly question: { readonly host?: unknown } };
  /** What an account's server turned out to be; undefined: not looked for yet. */
  readonly found: { readonly serverType: string; readonly pubsub?: unknown } | undefined;
  readonly connected: boolean;
  onConnected(watcher: (connected: boolean) => void): () => void;
}

/** What Home Assistant calls the topics of an alert, and their units; else the topic and the name of the field. */
export class TopicNames {
  private end: (() => void) | undefined;
  private broker: NamingBroker | undefined;
  private readonly fieldNames: FieldNames;

  constructor(
    config: Pick<AlertConfig, 'keyBy' | 'property'>,
    private readonly find: () => NamingBroker | undefined,
  ) {
    this.fieldNames = new FieldNames(config, () => this.broker?.names);
  }

  /** Called after each deploy: the connection may be another one. */
  look(): void {
    const broker = this.fieldNames.isTopic ? this.find() : undefined;
    if (broker === this.broker) return;
    this.end?.();
    this.broker = broker;
    this.end = broker && (broker.config.question.host ? broker.watcher.watchNames() : watchOverMqtt(broker));
  }

  close(): void {
    this.end?.();
    this.end = undefined;
    this.broker = undefined;
  }

  titleOf(key: string): string {
    return this.fieldNames.titleOf(key);
  }

  unitOf(key: string): string {
    return this.fieldNames.unitOf(key);
  }

  openingOf(key: string, value: Value | undefined): { name: string; is: Openness } | undefined {
    return this.fieldNames.openingOf(key, value);
  }
}

/**
 * An account's server is known once it was found. Over PubSub, which Prosody's bridge leads to as well, no device
 * announces itself, and looking for topics costs: what others read is enough there.
 */
function watchOverMqtt(broker: NamingBroker): () => void {
  let end: (() => void) | undefined;
  const look = (connected: boolean): void => {
    const { found } = broker;
    if (!connected || !found) return;
    const isMqtt = found.pubsub === undefined && found.serverType !== 'prosody';
    if (isMqtt) end ??= broker.watcher.watchNames();
    else {
      end?.();
      end = undefined;
    }
  };
  look(broker.connected);
  const stop = broker.onConnected(look);
  return () => {
    stop();
    end?.();
  };
}

/** Path in the payload of the values of an alert; undefined: keys are no topics, or values are computed. */
export function fieldIn({ keyBy, property }: Pick<AlertConfig, 'keyBy' | 'property'>): string | undefined {
  const isPayload = property.from === 'path' && property.path[0] === 'payload';
  return keyBy.from === 'topic' && isPayload ? property.path.slice(1).join('.') : undefined;
}

/** The names of the topics of an alert that are known at the moment. */
export class FieldNames {
  private readonly field: string | undefined;

  constructor(
    config: Pick<AlertConfig, 'keyBy' | 'property'>,
    private readonly names: () => NamingBroker['names'] | undefined,
  ) {
    this.field = fieldIn(config);
  }

  /** True if keys are topics, which may have names. */
  get isTopic(): boolean {
    return this.field !== undefined;
  }

  /** Empty: nothing is known that would be better than the key. */
  titleOf(key: string): string {
    const { field } = this;
    if (field === undefined) return '';
    const known = this.names()?.of(key);
    const own = ownOf(known, field);
    if (own) return own.name;
    const last = field.split('.').at(-1) ?? '';
    if (isPlainField(last)) return known?.name ?? '';
    return `${known?.name ?? key} ${last.replaceAll('_', ' ')}`;
  }

  /** What a value says of a door, a window or a contact, and what that is called; undefined: it is about something else. */
  openingOf(key: string, value: Value | undefined): { name: string; is: Openness } | undefined {
    const { field } = this;
    if (field === undefined) return undefined;
    const is = opennessOf(openingName(key, field), value);
    if (!is) return undefined;
    const known = this.names()?.of(key);
    return { name: ownOf(known, field)?.name ?? known?.name ?? key, is };
  }

  /** Empty: not known. */
  unitOf(key: string): string {
    const { field } = this;
    if (field === undefined) return '';
    const known = this.names()?.of(key);
    return ownOf(known, field)?.unit ?? (field === '' ? known?.unit : undefined) ?? '';
  }
}

function ownOf(
  known: ReturnType<HomeNames['of']>,
  field: string,
): { name: string; unit?: string } | undefined {
  const { fields } = known ?? {};
  return fields && Object.hasOwn(fields, field) ? fields[field] : undefined;
}
