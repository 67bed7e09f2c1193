import { randomUUID } from 'node:crypto';
import type { Node, NodeStatus } from 'node-red';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import type { ReadText, Translate } from '../../base/translate';
import { BRIDGE_MARK, type Crossing, intoChat, intoMqtt } from '../../chatbridge/crossing';
import { LoopGuard } from '../../chatbridge/loop-guard';
import { Pacer } from '../../chatbridge/pacer';
import { BRIDGE_PREFIX, type BridgeRule } from '../../chatbridge/rules';
import type { Broker } from '../../runtime/broker/broker';
import type { XmppPart } from '../../runtime/chat/chat-messages';
import { ChatReceiver } from '../../runtime/chat/chat-receiver';
import { levelOf } from '../../topics/level';
import type { ReceivedPublication } from '../../transport/messages';
import type { Subscription } from '../../transport/subscriptions/subscription-set';
import { addressOf } from '../../xmpp/addresses';
import type { ContentLimits } from '../../xmpp/payload/content';
import { AllowList } from '../../xmpp/receiving/allow-list';
import type { RoomEvent } from '../../xmpp/rooms/rooms';
import { SendError } from '../../xmpp/send-error';
import { Sender } from '../../xmpp/sending/sender';

/** Longest age of a chat message that is carried over, in milliseconds. */
const MAX_AGE = 5 * 60_000;
/** The pacer keeps the rate; the sender's own limit is out of its way. */
const SENDER_RATE = 6_000;

export interface RuleBridgeOptions {
  /** The node, as the log and the status see it. */
  node: Pick<Node, 'id' | 'warn' | 'error' | 'log' | 'send'>;
  broker: Broker;
  rule: BridgeRule;
  /** `<installation>/<node id>`. */
  mark: string;
  clock: Clock;
  limits: ContentLimits;
  translate: Translate;
  read: ReadText;
  /** The password of the rule's room. */
  roomPassword: string | undefined;
  /** Called when a message crossed, or could not. */
  counted(what: 'toChat' | 'toMqtt' | 'refused'): void;
  /** The status of the rule's chat. */
  status(status: NodeStatus): void;
}

/** One rule of a bridge while it runs: its subscriptions, its place in the room, and the way in both directions. */
export class RuleBridge {
  private readonly guard: LoopGuard;
  private readonly subscriptions: Subscription[] = [];
  private readonly sender: Sender;
  private readonly pacer: Pacer;
  private readonly receiver: ChatReceiver | undefined;
  private readonly writers: AllowList;
  private readonly said = new Set<string>();
  private shown: NodeStatus = {};
  /** Filters that the server refuses, until it grants them. */
  private readonly refused = new Set<string>();
  /** The room threw the bot out, or does not let it in. */
  private trouble: 'kicked' | 'banned' | 'destroyed' | 'refused' | undefined;
  private stopRooms: () => void = () => {};
  /** The rule as the chat knows it. */
  private readonly user: { id: string; status(status: NodeStatus): void };

  constructor(private readonly options: RuleBridgeOptions) {
    const { broker, rule, node, clock, translate, read } = options;
    const { chat } = broker;
    this.user = { id: `${node.id}-${rule.number}`, status: (status) => this.show(status) };
    this.guard = new LoopGuard(clock);
    this.writers = new AllowList(rule.allow, chat.stanzas.account);
    this.sender = new Sender({
      ...{ stanzas: chat.stanzas, rooms: chat.rooms, kinds: chat.kinds, uploads: chat.uploads },
      ...{
        memory: chat.memory,
        clock,
        newId: randomUUID,
        // Under the receiver's id its wish to write would take the place of the receiver's to listen.
        node: `${this.user.id}-out`,
        rate: SENDER_RATE,
      },
      nick: chat.stanzas.account.split('@')[0] || 'bridge',
      roomPassword: options.roomPassword,
      offlineMs: broker.config.limits.ttl || 3_600_000,
      head: (count) => translate('joined', { count }),
      feedback: (feedback) => feedback.type === 'refused' && this.once(textOf(feedback.error)),
    });
    this.pacer = new Pacer(
      clock,
      rule.rate,
      (said) => this.say({ kind: 'text', text: said }),
      (count) => translate('more', { count }),
    );
    if (rule.direction === 'toChat') return;
    const heard = {
      id: this.user.id,
      send: ([message]: [object | null]) => message && this.hear(message as never),
      log: (said: string) => node.log(said),
      warn: (said: string) => node.warn(said),
      error: (said: string) => node.error(said),
    };
    this.receiver = new ChatReceiver(
      heard as never,
      chat,
      {
        ...{
          allow: rule.to,
          rooms: rule.kind === 'groupchat' ? [rule.to] : [],
          nick: '',
          password: options.roomPassword,
        },
        ...{
          kind: rule.kind === 'auto' ? 'any' : rule.kind,
          pattern: undefined,
          addressed: false,
          archive: false,
          maxAge: MAX_AGE,
        },
      },
      clock,
      translate,
      read,
    );
  }

  start(): void {
    const { broker, rule } = this.options;
    broker.chat.register(this.user);
    this.stopRooms = broker.chat.rooms.onEvent((event) => this.roomEvent(event));
    this.receiver?.start();
    this.stay();
    // The log already says why there is no session.
    this.sender.prepare([rule.to], rule.kind, (error) => error instanceof SendError && this.failed(error));
    if (rule.direction === 'toMqtt') return;
    this.subscribe(rule.filter, (message) => this.carry(message));
    this.subscribe(`${BRIDGE_PREFIX}${levelOf(rule.to)}/out`, (message) => this.order(message));
  }

  close(removed: boolean): void {
    const { broker } = this.options;
    for (const subscription of this.subscriptions.splice(0)) broker.unsubscribe(subscription, false);
    this.stopRooms();
    const { rule } = this.options;
    const count = this.pacer.close();
    if (count > 0) this.once(text('chatBridge.dropped', { room: plain(rule.to), count }));
    if (!this.receiver) broker.chat.rooms.unwant(rule.to, this.user.id);
    this.receiver?.close(removed);
    this.sender.close(new Error('closed'));
    void broker.chat.deregister(this.user, removed);
  }

  /** Out of the room, or without a subscription, counts more than the session, which lives. */
  private show(status: NodeStatus): void {
    const { rule, translate } = this.options;
    const { trouble } = this;
    this.shown = status;
    const [filter] = this.refused;
    let text: string | undefined;
    if (trouble) text = translate(`status.${trouble}`, { room: rule.to });
    else if (filter !== undefined) text = translate('status.filter', { filter: plain(filter, 60) });
    this.options.status(text === undefined ? status : { fill: 'red', shape: 'ring', text });
  }

  /** What comes while the bot is out waits, within bounds: its next message would bring it back at once. */
  private roomEvent({ type, room }: RoomEvent): void {
    const { rule, translate } = this.options;
    if (room !== rule.to) return;
    const isOut = type === 'kicked' || type === 'banned' || type === 'destroyed';
    if (!isOut && type !== 'joined') return;
    this.trouble = isOut ? type : undefined;
    this.show(this.shown);
    if (isOut) {
      this.pacer.hold();
      this.once(text(`chatBridge.${type}`, { room: plain(room) }));
    } else {
      this.stay();
      this.pacer.release(translate('meanwhile'));
    }
  }

  private stay(): void {
    const { broker, rule } = this.options;
    if (broker.chat.rooms.isJoined(rule.to)) this.comeBack();
  }

  /** A rule that only writes comes back by itself, too. A receiver does that for its own room. */
  private comeBack(): void {
    const { broker, rule, roomPassword } = this.options;
    const { rooms, stanzas } = broker.chat;
    if (this.receiver) return;
    const nick = stanzas.account.split('@')[0] || 'bridge';
    rooms.want(rule.to, this.user.id, {
      ...{ nick, ...(roomPassword && { password: roomPassword }) },
      listens: true,
    });
  }

  /** A rule that only writes does not wait in front of a room: nothing else says that it is not let in. */
  private failed(error: Error): void {
    const { broker, rule } = this.options;
    this.once(textOf(error));
    if (!(error instanceof SendError && error.code.startsWith('room-'))) return;
    const isKnown = this.trouble !== undefined && this.trouble !== 'refused';
    if (isKnown || broker.chat.rooms.isJoined(rule.to)) return;
    const isBanned = error.code === 'room-banned';
    this.trouble = isBanned ? 'banned' : 'refused';
    this.show(this.shown);
    if (!isBanned) return;
    // It was banned before a restart or a deploy: each value would knock at the door.
    this.pacer.hold();
    this.comeBack();
  }

  private subscribe(filter: string, deliver: (message: ReceivedPublication) => void): void {
    const { broker, node, read } = this.options;
    const subscription: Subscription = {
      owner: `${this.user.id} ${filter}`,
      filter,
      options: { qos: 1, nl: false, rap: false, rh: 2 },
      deliver,
      failed: (topic, reason) => node.error(read(text('log.notPassedOn', { topic, reason }))),
      refused: (reason) => {
        this.refused.add(filter);
        this.once(textOf(reason));
        this.show(this.shown);
      },
      granted: () => this.refused.delete(filter) && this.show(this.shown),
    };
    this.subscriptions.push(subscription);
    broker.subscribe(subscription);
  }

  private carry(message: ReceivedPublication): void {
    const crossing = intoChat(message, this.options.rule, this.guard, this.options);
    if (crossing?.kind === 'text') this.pacer.push(crossing.text);
    else if (crossing && this.pacer.pass()) this.say(crossing);
  }

  /** `dinox/bridge/<room or account>/out`: somebody on MQTT says something in the chat. */
  private order({ payload, retain }: ReceivedPublication): void {
    if (retain || payload.length === 0 || payload.length > 100_000) return;
    let body: unknown;
    try {
      ({ body } = JSON.parse(payload.toString('utf8')) as { body?: unknown });
    } catch {
      body = undefined;
    }
    if (typeof body !== 'string' || body.trim() === '') {
      this.once(text('chatBridge.order'));
      return;
    }
    this.guard.note('mqtt', body);
    this.pacer.push(body);
  }

  private say(crossing: Crossing): void {
    const { rule, mark, counted } = this.options;
    const isText = crossing.kind === 'text';
    void this.sender
      .send({
        to: [rule.to],
        kind: rule.kind,
        text: isText ? crossing.text : undefined,
        files: isText ? [] : [{ data: crossing.data, name: crossing.name, folder: '' }],
        hints: [],
        receipt: false,
        bridged: mark,
      })
      .then(({ failures: [failed] }) => {
        if (failed) this.failed(failed.error);
        counted(failed ? 'refused' : 'toChat');
      });
  }

  /** Somebody said something in the chat. */
  private hear(message: { payload: string; kind: string; xmpp: XmppPart }): void {
    const { rule, mark, broker, clock } = this.options;
    const { payload, kind, xmpp } = message;
    if (xmpp.reaction || xmpp.replaces !== undefined) return;
    const body = intoMqtt({ text: payload, bridged: xmpp.bridged }, rule, this.guard);
    if (body === undefined) return;
    const { from, id = randomUUID(), stamp } = xmpp;
    const said = { from, body, type: kind, id, time: stamp ?? new Date(clock.now()).toISOString() };
    // Where no mark can travel, the guard knows what has crossed.
    const marked = {
      properties: { userProperties: { [BRIDGE_MARK]: mark } },
      isFineWithoutProperties: true,
    };
    const publish = (topic: string, text: string): void => {
      broker.publish({ topic, payload: text, qos: 1, retain: false, isSaid: true, ...marked }, (error) => {
        if (error) this.once(textOf(error));
        this.options.counted(error ? 'refused' : 'toMqtt');
      });
    };
    publish(`${BRIDGE_PREFIX}${levelOf(rule.to)}/in`, JSON.stringify(said));
    if (rule.topic === '') return;
    if (this.mayWrite(xmpp)) publish(rule.topic, body);
    else {
      this.options.counted('refused');
      this.once(
        text('chatBridge.notAllowed', { from: plain(from), topic: plain(rule.topic), number: rule.number }),
      );
    }
  }

  private mayWrite({ from, jid, room }: XmppPart): boolean {
    if (this.options.rule.allow === '') return false;
    const address = addressOf(from);
    if (!address) return false;
    const { bare, resource } = address;
    return this.writers.allows({ bare, resource, room, realJid: room === undefined ? undefined : jid });
  }

  /** Each reason once: a stream of messages would fill the log. */
  private once(why: ReturnType<typeof textOf>): void {
    const said = this.options.read(why);
    if (this.said.has(said) || this.said.size >= 50) return;
    this.said.add(said);
    this.options.node.warn(
      this.options.translate('warning.rule', { number: this.options.rule.number, text: said }),
    );
  }
}
