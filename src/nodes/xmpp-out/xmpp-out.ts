import { randomUUID } from 'node:crypto';
import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { systemClock } from '../../base/clock';
import { findBroker } from '../../runtime/broker/find-broker';
import { receiversOf, requestOf } from '../../runtime/chat/chat-request';
import { type Sample, sampleOf } from '../../runtime/chat/message-sample';
import { reportOnline, reportSending } from '../../runtime/chat/sending-reports';
import { definitionOf } from '../../runtime/config/node-definition';
import { XmppError } from '../../xmpp/errors';
import type { RoomEvent } from '../../xmpp/rooms/rooms';
import { SendError } from '../../xmpp/send-error';
import type { Delivery, Feedback, SendReport } from '../../xmpp/sending/send-request';
import { Sender } from '../../xmpp/sending/sender';
import { type OutNode, registerOutAdmin } from './admin';
import { outSettings } from './config';

/**
 * `xmpp-out`: sends `msg.payload` to persons and rooms. In: `to`, `kind`, `payload`, `attachment`, `filename`,
 * `thread`, `subject`, `replaces`, `alertId`, `chatState`, `hints`. Output 1: the message with
 * `msg.xmpp = {id, to, kind, stamp}` (and `all`, one for each of several receivers) once the server has it; output 2:
 * receipts and displayed markers. `done` says that the server has it for every receiver.
 */
export function registerXmppOut(RED: NodeAPI): void {
  const translate = (key: string, values?: Readonly<Record<string, string | number>>): string =>
    RED._(`xmpp-out.${key}`, values as Record<string, string>);
  const explain = (error: Error): string =>
    error instanceof SendError ? translate(`error.${error.code}`, error.params) : error.message;

  function XmppOut(
    this: Node<{ password?: string }> & OutNode,
    raw: NodeDef & Readonly<Record<string, unknown>>,
  ): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const broker = findBroker(RED, def.broker);
    if (!broker) {
      this.error(translate('error.broker'));
      this.status({ fill: 'red', shape: 'ring', text: translate('status.broker') });
      this.on('input', (_msg, _send, done) => done(new Error(translate('error.broker'))));
      return;
    }
    const settings = outSettings(def, RED.settings.userDir);
    for (const { field, text } of settings.problems) this.warn(`${field} ${text}`);
    const { chat } = broker;
    const { account } = chat.stanzas;
    const said = new Set<string>();
    const once = (key: string, values?: Record<string, string | number>): void => {
      if (said.has(key)) return;
      said.add(key);
      this.warn(translate(`log.${key}`, values));
    };

    const sender = new Sender({
      ...{ stanzas: chat.stanzas, rooms: chat.rooms, kinds: chat.kinds, uploads: chat.uploads },
      memory: chat.memory,
      clock: systemClock,
      newId: randomUUID,
      node: this.id,
      nick: settings.nick || account.split('@')[0] || 'bot',
      roomPassword: this.credentials?.password || undefined,
      rate: settings.rate,
      offlineMs: broker.config.limits.ttl || 3_600_000,
      head: (count) => translate('joined', { count }),
      feedback: (feedback) => tell(feedback),
    });
    const tell = (feedback: Feedback): void => {
      const { from, id } = feedback;
      const topic = from.split('/', 1)[0] ?? from;
      if (feedback.type === 'refused') {
        this.error(explain(feedback.error), { topic, xmpp: { id, to: topic } } as NodeMessage);
        return;
      }
      const { type, stamp, alertId } = feedback;
      this.send([
        null,
        { topic, payload: type, ...(alertId && { alertId }), xmpp: { id, from, type, stamp } },
      ] as never);
    };

    // Before everything else, so that the order stays.
    sender.take(chat.takePending(this.id));
    chat.register(this);
    const rooms = new Set<string>();
    let sample: Sample | undefined;
    this.dinoxOut = {
      get sample() {
        return sample;
      },
      roomPassword: (brokerId, to) =>
        brokerId === def.broker && to.every((one) => rooms.has(one)) ? this.credentials?.password : undefined,
    };
    if (settings.to !== '') {
      try {
        const known = receiversOf(settings.to);
        for (const to of known) rooms.add(to);
        sender.prepare(known, settings.kind, (error) => {
          // Why there is no session stands in the log already.
          if (error instanceof SendError) this.warn(explain(error));
        });
      } catch (error) {
        this.error(explain(error as Error));
      }
    }
    const endRooms = chat.rooms.onEvent((event) => {
      if (rooms.has(event.room) && isThrownOut(event)) {
        const { room } = event;
        this.warn(
          translate(`log.${event.type}`, {
            room,
            by: 'by' in event ? (event.by ?? '') : '',
            why: event.reason ?? '',
          }),
        );
      }
    });

    const endState = chat.stanzas.onState(({ phase }) => {
      if (phase === 'online') reportOnline(RED.events);
    });
    this.on('input', (msg, send, done) => {
      const tell = (phase: 'taken' | 'told' | 'failed', retry?: boolean): void =>
        reportSending(RED.events, msg as unknown as Record<string, unknown>, phase, retry);
      sample = sampleOf(msg as unknown as Record<string, unknown>, systemClock.now()) ?? sample;
      try {
        const { request, replaced } = requestOf(msg as unknown as Record<string, unknown>, settings);
        if (request.to.some((to) => to.split('/', 1)[0] === account)) once('self', { account });
        if (replaced > 0) once('replaced', { count: replaced });
        tell('taken');
        sender.send(request).then((report) => {
          // One who has it is enough: all of it again would be twice for that one.
          if (report.deliveries.length > 0) tell('told');
          else
            tell(
              'failed',
              report.failures.every(({ error }) => isOfConnection(error)),
            );
          if (report.deliveries.length > 0) {
            const sent = [{ ...msg, xmpp: delivered(report.deliveries, replaced) } as NodeMessage, null];
            // What outlived a deploy goes on from where the successor is wired to.
            const heir = RED.nodes.getNode(this.id);
            if (heir && heir !== this) heir.send(sent as never);
            else send(sent as never);
          }
          done(failure(report, request.to.length));
        }, done);
      } catch (error) {
        tell('failed');
        done(new Error(explain(error as Error), { cause: error }));
      }
    });
    this.on('close', (removed: boolean, done: () => void) => {
      endRooms();
      endState();
      const reason = new SendError('closed');
      sender.close(reason, removed ? undefined : (pending) => chat.leave(this.id, pending, reason));
      chat.deregister(this, removed).then(done, (error: Error) => {
        this.error(error.message);
        done();
      });
    });

    /** One error for all that failed; undefined where nothing did. */
    const failure = ({ failures }: SendReport, receivers: number): Error | undefined => {
      const [first] = failures;
      if (!first) return undefined;
      if (receivers === 1) return new Error(explain(first.error), { cause: first.error });
      const reasons = failures.map(({ to, error }) => `${to}: ${explain(error)}`);
      const count = new Set(failures.map(({ to }) => to)).size;
      const list = [...new Set(reasons)].slice(0, 5).join(' ');
      return new Error(translate('error.some', { count, of: receivers, reasons: list }), {
        cause: first.error,
      });
    };
  }

  registerOutAdmin(RED);
  RED.nodes.registerType('xmpp-out', XmppOut as never, { credentials: { password: { type: 'password' } } });
}

/** Nothing is wrong with the message: it could go once there is a connection. */
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
