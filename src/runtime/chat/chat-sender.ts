import type { Node, NodeMessage } from 'node-red';
import { sentences, text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import type { ReadText, Translate } from '../../base/translate';
import { XmppError } from '../../xmpp/errors';
import type { RoomEvent } from '../../xmpp/rooms/rooms';
import { SendError } from '../../xmpp/send-error';
import type { Delivery, Feedback, SendReport, SendRequest } from '../../xmpp/sending/send-request';
import { Sender } from '../../xmpp/sending/sender';
import { readError } from '../translator';
import type { Chat } from './chat';
import { recipientsOf, requestOf, type SendSettings } from './chat-request';
import { type MessageSample, sampleOf } from './message-sample';
import type { Announced } from './notifications';
import { type RuntimeBus, reportOnline, reportSending } from './sending-reports';

type Send = (messages: unknown) => void;
type Done = (error?: Error) => void;

/** The parts of the chat that one `xmpp-out` needs. */
export type SendingChat = Pick<
  Chat,
  | 'stanzas'
  | 'rooms'
  | 'kinds'
  | 'uploads'
  | 'memory'
  | 'quickDevices'
  | 'takePending'
  | 'leave'
  | 'register'
  | 'counts'
  | 'said'
>;

export interface ChatSenderOptions {
  node: Pick<Node, 'id' | 'send' | 'status' | 'warn' | 'error'>;
  chat: SendingChat;
  settings: SendSettings;
  /** Password for rooms that need one. */
  roomPassword: string | undefined;
  /** Longest wait of a message for a connection, in milliseconds. */
  offlineMs: number;
  /** Gets the reports on messages about alerts. */
  bus: RuntimeBus;
  /** The node that runs under this id now: a deploy may have made it anew. */
  current(): Pick<Node, 'send'> | null | undefined;
  clock: Clock;
  newId(): string;
  /** Announces new messages to persons. */
  notify?: ((message: Announced) => void) | undefined;
  translate: Translate;
  read: ReadText;
}

/** One `xmpp-out`: the way from a message of the flow to the server, and of receipts back into the flow. */
export class ChatSender {
  /** The last message, for the preview in the dialog. */
  sample: MessageSample | undefined;
  private readonly sender: Sender;
  /** Recipients that are named in the dialog. */
  private readonly recipients = new Set<string>();
  private readonly warned = new Set<string>();
  private stops: (() => void)[] = [];

  constructor(private readonly options: ChatSenderOptions) {
    const { chat, node, settings, translate } = options;
    this.sender = new Sender({
      ...{ stanzas: chat.stanzas, rooms: chat.rooms, kinds: chat.kinds, uploads: chat.uploads },
      ...{ memory: chat.memory, clock: options.clock, newId: options.newId, node: node.id },
      nick: settings.nick || chat.stanzas.account.split('@')[0] || 'bot',
      roomPassword: options.roomPassword,
      rate: settings.rate,
      offlineMs: options.offlineMs,
      head: (count) => translate('joined', { count }),
      feedback: (feedback) => this.passOn(feedback),
      notify: options.notify,
      ...{ devices: chat.quickDevices, links: settings.links },
    });
  }

  start(): void {
    const { bus, chat, node, settings } = this.options;
    // The order stays: the predecessor's messages go first.
    this.sender.take(chat.takePending(node.id));
    chat.register(node);
    if (settings.to !== '') this.prepare(settings);
    this.stops = [
      chat.rooms.onEvent((event) => this.roomEvent(event)),
      chat.stanzas.onState(({ phase }) => {
        if (phase === 'online') reportOnline(bus);
      }),
    ];
  }

  /** True if the dialog names all of these recipients: the stored password is meant for no other room. */
  knows(recipients: readonly string[]): boolean {
    return recipients.every((one) => this.recipients.has(one));
  }

  /** Sends a message of the flow. `done` is called once: when the server has it for every recipient, or with the reason. */
  handle(msg: Record<string, unknown>, send: Send, done: Done): void {
    const { bus, chat, clock, read, settings } = this.options;
    const { account } = chat.stanzas;
    const refuse = (error: unknown): void => done(readError(error, read));
    this.sample = sampleOf(msg, clock.now()) ?? this.sample;
    try {
      const { request: whole, replaced, fault } = requestOf(msg, settings, read);
      const request = this.changesOf(msg, whole);
      if (request.to.some((to) => to.split('/', 1)[0] === account)) this.warnOnce('self', { account });
      if (replaced > 0) this.warnOnce('replaced', { count: replaced });
      if (request.to.length === 0) {
        done();
        return;
      }
      reportSending(bus, msg, 'taken');
      this.sender.send(request).then((report) => {
        this.reportOutcome(msg, report);
        this.noteSaid(msg, request, report);
        if (report.deliveries.length > 0) this.passOnSent(msg, report.deliveries, replaced, send);
        done(this.failure(report, request.to.length) ?? (fault && readError(fault, read)));
      }, refuse);
    } catch (error) {
      reportSending(bus, msg, 'failed');
      refuse(error);
    }
  }

  /**
   * The request without the recipients who know it already. Alerts, answers, corrections and files are always news; what
   * fails later counts as not said.
   */
  private changesOf(msg: Record<string, unknown>, request: SendRequest): SendRequest {
    const { chat, node, settings } = this.options;
    if (!settings.onlyChanges || !isComparable(msg, request)) return request;
    return { ...request, to: chat.said.news(node.id, request.to, topicOf(msg), request.text ?? '') };
  }

  private noteSaid(msg: Record<string, unknown>, request: SendRequest, report: SendReport): void {
    const { chat, node, settings } = this.options;
    if (!settings.onlyChanges || !isComparable(msg, request)) return;
    const { text = '' } = request;
    for (const { to } of report.deliveries) chat.said.arrived(node.id, to, topicOf(msg), text);
    for (const { to } of report.failures) chat.said.failed(node.id, to, topicOf(msg), text);
  }

  /** Waiting messages go to the node that a deploy makes under this id, or get the reason. */
  close(removed: boolean): void {
    for (const stop of this.stops.splice(0)) stop();
    const { chat, node } = this.options;
    const reason = new SendError('closed');
    this.sender.close(reason, removed ? undefined : (pending) => chat.leave(node.id, pending, reason));
  }

  /** Goes into the rooms that the dialog names. */
  private prepare({ to, kind }: SendSettings): void {
    const { node, read } = this.options;
    try {
      const recipients = recipientsOf(to);
      for (const one of recipients) this.recipients.add(one);
      this.sender.prepare(recipients, kind, (error) => {
        // The log already says why there is no session.
        if (error instanceof SendError) node.warn(read(error.text));
      });
    } catch (error) {
      node.error(read(textOf(error)));
    }
  }

  private roomEvent(event: RoomEvent): void {
    if (!this.recipients.has(event.room) || !isThrownOut(event)) return;
    const { type, room, reason: why = '' } = event;
    const by = 'by' in event ? (event.by ?? '') : '';
    this.options.node.warn(this.options.translate(`log.${type}`, { room, by, why }));
  }

  /** Success with one recipient is enough: a repetition would reach that one twice. */
  private reportOutcome(msg: Record<string, unknown>, { deliveries, failures }: SendReport): void {
    const { bus, chat } = this.options;
    chat.counts.sent += deliveries.length;
    chat.counts.errors += failures.length;
    if (deliveries.length > 0) reportSending(bus, msg, 'sent');
    else
      reportSending(
        bus,
        msg,
        'failed',
        failures.every(({ error }) => isOfConnection(error)),
      );
  }

  /** Passes the message on to output 1. */
  private passOnSent(msg: object, deliveries: readonly Delivery[], replaced: number, send: Send): void {
    const { current, node } = this.options;
    const sent = [{ ...msg, xmpp: delivered(deliveries, replaced) }, null];
    // A message that outlived a deploy leaves through the successor's wires.
    const successor = current();
    if (successor && successor !== node) successor.send(sent as never);
    else send(sent);
  }

  /** Passes receipts on to output 2, and reports errors that come back. */
  private passOn(feedback: Feedback): void {
    const { node } = this.options;
    const { from, id } = feedback;
    const topic = from.split('/', 1)[0] ?? from;
    if (feedback.type === 'refused') {
      node.error(this.options.read(textOf(feedback.error)), {
        topic,
        xmpp: { id, to: topic },
      } as NodeMessage);
      return;
    }
    const { type, stamp, alertId } = feedback;
    const receipt = { topic, payload: type, ...(alertId && { alertId }), xmpp: { id, from, type, stamp } };
    node.send([null, receipt] as never);
  }

  /** One error for all failures; undefined if there are none. */
  private failure({ failures }: SendReport, recipients: number): Error | undefined {
    const [first] = failures;
    if (!first) return undefined;
    const { read } = this.options;
    if (recipients === 1) return readError(first.error, read);
    // A recipient may lack several parts of one message, all for one reason.
    const reasons = new Map(failures.map(({ to, error }) => [to, textOf(error)]));
    const count = reasons.size;
    const [line, ...more] = [...reasons].map(([where, why]) => text('xmpp.at', { where, text: why }));
    if (!line) return undefined;
    const error = new SendError(
      'some',
      { count, of: recipients, reasons: sentences(line, ...more.slice(0, 4)) },
      { cause: first.error },
    );
    return readError(error, read);
  }

  private warnOnce(key: string, values: Record<string, string | number>): void {
    if (this.warned.has(key)) return;
    this.warned.add(key);
    this.options.node.warn(this.options.translate(`log.${key}`, values));
  }
}

/** True for a plain text that may be compared with the last one. */
function isComparable(
  msg: Record<string, unknown>,
  { text, files, replaces, alertId, chatState, subject }: SendRequest,
): boolean {
  const isAnswer = typeof (msg.alert as { ok?: unknown } | null | undefined)?.ok === 'boolean';
  const isMore = files.length > 0 || [replaces, alertId, chatState, subject].some((one) => one !== undefined);
  return text !== undefined && !isMore && !isAnswer;
}

const topicOf = ({ topic }: Record<string, unknown>): string => (typeof topic === 'string' ? topic : '');

/** True if nothing is wrong with the message: it could go once there is a connection. */
function isOfConnection(error: Error): boolean {
  return error instanceof XmppError || (error instanceof SendError && /^(offline|closed)$/.test(error.code));
}

/** `msg.xmpp` of output 1. */
function delivered(deliveries: readonly Delivery[], replaced: number): object {
  const [first] = deliveries;
  return {
    ...first,
    ...(replaced > 0 && { replaced }),
    ...(deliveries.length > 1 && { all: deliveries }),
  };
}

function isThrownOut(
  event: RoomEvent,
): event is Extract<RoomEvent, { type: 'kicked' | 'banned' | 'destroyed' }> {
  return event.type === 'kicked' || event.type === 'banned' || event.type === 'destroyed';
}
