import type { HomeNames } from '../../homeassistant/names';
import type { AlertConfig } from './config';

/** The part of a connection that knows what devices call their topics. */
export interface NamingBroker {
  readonly names: Pick<HomeNames, 'of'>;
  readonly watcher: { watchNames(): () => void };
  readonly config: { readonly question: { readonly host?: unknown } };
}

/** Fields that say nothing about what is measured. */
const PLAIN = ['value', 'state', 'payload'];

/** What Home Assistant calls the topics of an alert, and their units; else the topic and the name of the field. */
export class TopicNames {
  private end: (() => void) | undefined;
  private broker: NamingBroker | undefined;
  /** As {@link fieldIn} has it. */
  private readonly field: string | undefined;

  constructor(
    config: Pick<AlertConfig, 'keyBy' | 'property'>,
    private readonly find: () => NamingBroker | undefined,
  ) {
    this.field = fieldIn(config);
  }

  /** Called after each deploy: the connection may be another one. */
  look(): void {
    const broker = this.field === undefined ? undefined : this.find();
    if (broker === this.broker) return;
    this.end?.();
    this.broker = broker;
    // An account's server may be one of PubSub, where no device announces itself: what others read is enough there.
    this.end = broker?.config.question.host ? broker.watcher.watchNames() : undefined;
  }

  close(): void {
    this.end?.();
    this.end = undefined;
    this.broker = undefined;
  }

  titleOf(key: string): string {
    return titleOf(this.field, key, this.broker?.names);
  }

  unitOf(key: string): string {
    return unitOf(this.field, key, this.broker?.names);
  }
}

/** Path in the payload; undefined: keys are no topics, or values are computed. */
export function fieldIn({ keyBy, property }: Pick<AlertConfig, 'keyBy' | 'property'>): string | undefined {
  const isPayload = property.from === 'path' && property.path[0] === 'payload';
  return keyBy.from === 'topic' && isPayload ? property.path.slice(1).join('.') : undefined;
}

/** Empty: nothing is known that would be better than the key. */
export function titleOf(
  field: string | undefined,
  key: string,
  names: NamingBroker['names'] | undefined,
): string {
  if (field === undefined) return '';
  const known = names?.of(key);
  const own = ownOf(known, field);
  if (own) return own.name;
  const last = field.split('.').at(-1) ?? '';
  if (PLAIN.includes(last) || last === '') return known?.name ?? '';
  return `${known?.name ?? key} ${last.replaceAll('_', ' ')}`;
}

/** Empty: not known. */
export function unitOf(
  field: string | undefined,
  key: string,
  names: NamingBroker['names'] | undefined,
): string {
  if (field === undefined) return '';
  const known = names?.of(key);
  return ownOf(known, field)?.unit ?? (field === '' ? known?.unit : undefined) ?? '';
}

function ownOf(
  known: ReturnType<HomeNames['of']>,
  field: string,
): { name: string; unit?: string } | undefined {
  const { fields } = known ?? {};
  return fields && Object.hasOwn(fields, field) ? fields[field] : undefined;
}
