import { text } from '../../base/catalogue';
import { checkFilter } from '../../topics/check';
import { InputError } from '../../topics/errors';
import type { SubscribeOptions } from '../../transport/messages';
import type { Datatype } from './decode';

type Message = Record<string, unknown>;
/** A dynamic subscription as flows give it and get it back. */
type Wish = { topic: string } & Record<string, unknown>;

export interface DynamicTarget {
  subscribe(filter: string, options: SubscribeOptions, datatype: Datatype): boolean;
  unsubscribe(filter: string): void;
  flush(): void;
  /** True if the connection speaks MQTT 5, as far as is known. */
  readonly v5: boolean;
}

export interface DynamicSettings {
  /** True if the node subscribes to its input's topics, instead of to its own. */
  isDynamic: boolean;
  datatype: Datatype;
  optionsOf(source: Readonly<Record<string, unknown>>): SubscribeOptions;
  datatypeOf(value: unknown): Datatype;
}

/** Core's dynamic subscriptions: `msg.action` `subscribe`, `unsubscribe`, `getSubscriptions` with `msg.topic`. */
export class DynamicSubscriptions {
  private readonly current = new Map<string, Wish>();

  constructor(
    private readonly target: DynamicTarget,
    private readonly settings: DynamicSettings,
  ) {}

  /** Obeys one message; `done` is called exactly once. */
  handle(message: Message, send: (message: unknown) => void, done: (error?: Error) => void): void {
    try {
      switch (message.action) {
        case 'subscribe':
          for (const wish of wishesOf(message.topic)) this.subscribe(wish);
          message.subscriptions = this.list();
          break;
        case 'unsubscribe':
          for (const { topic } of message.topic === true ? this.list() : wishesOf(message.topic))
            this.unsubscribe(topic);
          message.subscriptions = this.list();
          break;
        case 'getSubscriptions':
          message.topic = 'subscriptions';
          message.payload = this.list();
          send(message);
          break;
        default:
          throw new InputError(
            'action',
            message.action === undefined
              ? text('input.actionMissing')
              : text('input.action', { given: String(message.action).slice(0, 40) }),
          );
      }
      this.target.flush();
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  private subscribe(wish: Wish): void {
    const options = this.settings.optionsOf(wish);
    this.target.subscribe(wish.topic, options, this.settings.datatypeOf(wish.datatype));
    const { qos, rh, rap } = options;
    // Flows get the MQTT 5 options back only if they count.
    this.current.set(wish.topic, {
      ...wish,
      qos,
      ...(this.target.v5 ? { rh, rap } : {}),
      ...('nl' in wish ? { nl: options.nl } : {}),
    });
  }

  private unsubscribe(topic: string): void {
    this.current.delete(topic);
    this.target.unsubscribe(topic);
  }

  private list(): Wish[] {
    return [...this.current.values()].map((wish) => ({ ...wish }));
  }
}

/** One topic or several, as text or as objects with options. All are checked before any is obeyed. */
function wishesOf(topic: unknown): Wish[] {
  if (topic === undefined || topic === null || (typeof topic !== 'string' && typeof topic !== 'object')) {
    throw new InputError('action-topic', text('input.actionTopic'));
  }
  const list: unknown[] = Array.isArray(topic) ? topic : [topic];
  return list.map((entry) => {
    const wish = typeof entry === 'object' && entry !== null ? { ...(entry as Message) } : { topic: entry };
    checkFilter(wish.topic, 'msg.topic');
    return wish as Wish;
  });
}
