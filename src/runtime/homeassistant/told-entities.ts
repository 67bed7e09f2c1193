import type { EffectTools } from '../../answers/effect';
import { text, words } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import type { EntityChange } from '../../homeassistant/entities';
import type { Entity } from '../../homeassistant/entity';
import type { Broker } from '../broker/broker';
import { EntityStates } from './entity-states';

const MAX_SHOWN = 200;

export interface ToldEntitiesOptions {
  broker: Pick<Broker, 'subscribe' | 'unsubscribe' | 'homeAssistant'>;
  clock: Clock;
  /** Owner of the subscriptions. */
  owner: string;
  /** Keys of the entities that people may tell something, `<component>.<unique_id>`. */
  keys: ReadonlySet<string>;
  /** Something stands in the way of an order. */
  warn(why: Text): void;
}

/** Follows the entities that people may tell something from the chat. Nobody hears of any other. */
export class ToldEntities {
  private readonly states: EntityStates;
  private stop: (() => void) | undefined;

  constructor(private readonly options: ToldEntitiesOptions) {
    const { broker, clock, owner, warn } = options;
    this.states = new EntityStates({
      ...{ broker, clock, owner, templates: broker.homeAssistant.templates },
      passive: true,
      told: () => {},
      refused: (_topic, reason) => warn(textOf(reason)),
      tooLong: (topic, bytes) => warn(text('entity.tooLong', { topic: plain(topic, MAX_SHOWN), bytes })),
      tooSlow: (topic) => warn(text('entity.tooSlow', { topic: plain(topic, MAX_SHOWN) })),
      failed: (entity, reason) => {
        const on = plain(entity.name, MAX_SHOWN);
        warn(text('log.notPassedOn', { topic: on, reason: words(String(reason)) }));
      },
    });
  }

  /** Reads what is announced, as long as there is an entity that people can control. */
  start(): void {
    const { broker, keys, warn } = this.options;
    if (keys.size === 0 || this.stop) return;
    const reader = broker.homeAssistant.reader();
    this.stop = reader.listen({
      changed: (change) => this.changed(change),
      refused: (reason) => warn(textOf(reason)),
    });
    this.follow(reader.entities.all());
  }

  /** What orders reach. */
  get told(): EffectTools['entities'] {
    return {
      templates: this.options.broker.homeAssistant.templates,
      find: (key) => {
        const found = this.states.get(key);
        return found && { entity: found.entity, current: found.state.current };
      },
      assume: (key, { state, attributes }) => this.states.get(key)?.state.assume(state ?? null, attributes),
    };
  }

  close(): void {
    this.stop?.();
    this.stop = undefined;
    this.states.close(false);
  }

  private changed({ added, changed, removed }: EntityChange): void {
    for (const { key } of removed) this.states.forget(key);
    this.follow([...changed, ...added]);
  }

  private follow(entities: Iterable<Entity>): void {
    for (const entity of entities) if (this.options.keys.has(entity.key)) this.states.follow(entity);
  }
}
