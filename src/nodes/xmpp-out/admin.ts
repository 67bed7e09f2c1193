import { randomUUID } from 'node:crypto';
import type { Node, NodeAPI } from 'node-red';
import { systemClock } from '../../base/clock';
import type { ReadText } from '../../base/translate';
import { MessageTemplate } from '../../homeassistant/templates/message-template';
import type { Recorder } from '../../recorder/recorder';
import { lastUpstream, sourcesOf } from '../../recorder/upstream-topics';
import { Refusal } from '../../runtime/admin/refusal';
import { adminRoutes, type Handler, requestBody } from '../../runtime/admin/routes';
import { findBroker } from '../../runtime/broker/find-broker';
import { requestOf } from '../../runtime/chat/chat-request';
import { MADE_UP, type MessageSample, previewsOf, upstreamSample } from '../../runtime/chat/message-sample';
import { placeholdersOf } from '../../runtime/chat/placeholders';
import { TestMessages } from '../../runtime/chat/test-message';
import { textReader } from '../../runtime/translator';
import { SendError } from '../../xmpp/send-error';
import type { SendRequest } from '../../xmpp/sending/send-request';
import { xmppOutSettings } from './config';

/** A running `xmpp-out` as its dialog sees it. */
export interface OutNode {
  dinoxOut?: {
    /** The last message. */
    sample(): MessageSample | undefined;
    /** The stored password, if it is meant for all of these rooms through this connection. */
    roomPassword(brokerId: string, to: readonly string[]): string | undefined;
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Maximum recipients of a test. */
const MAX_RECIPIENTS = 20;
const MAX_FIELD_LENGTH = 20_000;
/** Placeholder for a stored password, which the editor never sees. */
const STORED = '__PWRD__';

/**
 * The admin routes behind the dialog of `xmpp-out`:
 * - `POST dinox/xmpp-out/preview` `{id, message, sources}` (`dinox.read`): what a phone shows in each format, with the
 *   template `message`, of the node's last message, of the last one on a topic that leads to it, or of a made-up one;
 * - `POST dinox/xmpp-out/test` `{id, sources, …the dialog's fields}` (`dinox.write`): sends that to the recipients in the dialog, through the deployed
 *   connection; `GET dinox/xmpp-out/test/:id` tells what became of it. A stored password is never answered.
 */
export function registerOutAdmin(RED: NodeAPI): void {
  const tests = new TestMessages({ clock: systemClock, newId: randomUUID });
  const routes = adminRoutes(RED);
  const read = textReader(RED);
  const recorderOf = recordersOf(RED);

  routes.ask('/dinox/xmpp-out/preview', (request) => {
    const body = requestBody(request);
    const { sample, from } = shownSample(nodeOf(RED, body)?.sample(), body.sources, recorderOf);
    const { at, files, topic } = sample;
    const template =
      textOf(body.message).trim() === '' ? undefined : new MessageTemplate(textOf(body.message));
    return {
      now: Date.now(),
      ...{ at, files, topic, from },
      fault: template?.fault?.text,
      placeholders: placeholdersOf(sample),
      formats: previewsOf(sample, read, template),
    };
  });
  routes.post('/dinox/xmpp-out/test', (request, response) => {
    const id = startTest(RED, tests, requestBody(request));
    response.status(201);
    return { id };
  });
  const view: Handler = ({ params }) => {
    const found = tests.view(params.id ?? '');
    if (!found) throw new Refusal(404, 'over');
    return found;
  };
  routes.get('/dinox/xmpp-out/test/:id', view, 'dinox.write');
}

const recordersOf =
  (RED: NodeAPI) =>
  (broker: string): Recorder | undefined =>
    findBroker(RED, broker)?.recorder;

/** What a dialog shows, and its test sends: the node's last message, the last one of `sources`, or a made-up one. */
export function shownSample(
  own: MessageSample | undefined,
  sources: unknown,
  recorder: (broker: string) => Recorder | undefined,
): { sample: MessageSample; from: 'node' | 'topic' | 'nothing' } {
  if (own) return { sample: own, from: 'node' };
  const upstream = upstreamSample(lastUpstream(sourcesOf(sources), recorder));
  return upstream ? { sample: upstream, from: 'topic' } : { sample: MADE_UP, from: 'nothing' };
}

function startTest(RED: NodeAPI, tests: TestMessages, fields: Fields): string {
  const brokerId = textOf(fields.broker);
  const broker = findBroker(RED, brokerId);
  if (!broker) throw new Refusal(404, 'broker');
  const node = nodeOf(RED, fields);
  const settings = xmppOutSettings({ ...fields, receipts: true, attachmentDir: '', rate: '' });
  try {
    const sendRequest = testRequest(
      settings,
      shownSample(node?.sample(), fields.sources, recordersOf(RED)).sample,
      RED._('xmpp-out.test.head'),
      textReader(RED),
    );
    const password = textOf(fields.password);
    const { chat } = broker;
    return tests.start({
      chat,
      request: sendRequest,
      nick: settings.nick || chat.stanzas.account.split('@')[0] || 'bot',
      roomPassword:
        password === STORED ? node?.roomPassword(brokerId, sendRequest.to) : password || undefined,
    });
  } catch (error) {
    if (error instanceof SendError) throw new Refusal(400, error.code, error.text);
    throw error;
  }
}

/** The sample below a line that calls it a test, so that yesterday's alert frightens nobody. */
export function testRequest(
  settings: ReturnType<typeof xmppOutSettings>,
  { at: _at, files: _files, more, ...message }: MessageSample,
  head: string,
  read: ReadText,
): SendRequest {
  const { request } = requestOf({ ...more, ...message, payload: message.payload ?? '' }, settings, read);
  if (request.to.length > MAX_RECIPIENTS) throw new SendError('receiver-many', { most: MAX_RECIPIENTS });
  return { ...request, text: request.text ? `${head}\n${request.text}` : head };
}

function nodeOf(RED: NodeAPI, { id }: Fields): OutNode['dinoxOut'] {
  return (RED.nodes.getNode(textOf(id)) as (Node & OutNode) | null)?.dinoxOut;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MAX_FIELD_LENGTH) : '';
}
