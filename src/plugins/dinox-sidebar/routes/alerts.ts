import type { NodeAPI } from 'node-red';
import { MAX_SILENCE } from '../../../alert/silence-parser';
import { systemClock } from '../../../base/clock';
import { RateLimit } from '../../../base/rate-limit';
import { Refusal } from '../../../runtime/admin/refusal';
import { asObject, type Request, type Routes, requestBody, whole } from '../../../runtime/admin/routes';
import { nodesOfType } from '../../../runtime/nodes-of-type';
import { type Desk, deskOf, openAlerts } from '../../../runtime/open-alerts';
import { AlertViews } from './alert-views';

const COMMANDS = ['ack', 'unack', 'silence', 'unsilence'];
/** Maximum length of a key: that of a topic. */
const MAX_KEY_LENGTH = 65_535;
/** Longer than a note may be, so that one that is too long is refused and not cut. */
const MAX_TYPED = 1_000;
/** Maximum commands to one node in this many milliseconds, because people are told of them. */
const MAX_COMMANDS = 60;
const WINDOW = 60_000;
const MAX_PAST_ASKED = 500;
const MAX_LINES = 100;
const MAX_POINTS = 200;

/** Routes for alerts: those that are open with their buttons, what is watched, and what is over. */
export function alertRoutes(RED: NodeAPI, routes: Routes): void {
  const limit = new RateLimit<string>(systemClock, MAX_COMMANDS, WINDOW);

  const views = new AlertViews(RED);

  // While another view is shown, only the number of the alerts counts.
  routes.get('/dinox/alerts', ({ query }) => {
    const nodes = nodesOfType(RED, 'dinox-alert').length;
    const alerts = openAlerts(RED);
    if (query.all !== '1') return { nodes, alerts: views.plain(alerts), now: Date.now() };
    return { nodes, alerts: views.described(alerts), watched: views.watched(), now: Date.now() };
  });

  routes.get('/dinox/alerts/past', ({ query }) => ({
    ...views.past(whole(query.most, 1, MAX_PAST_ASKED, 20)),
    now: Date.now(),
  }));

  // `{wanted: [{node, key}], points?}`: a line of the last day for each, empty where there are too few values.
  routes.ask('/dinox/alerts/lines', (request) => {
    const body = requestBody(request);
    const wanted = Array.isArray(body.wanted) ? body.wanted.slice(0, MAX_LINES).map(asObject) : [];
    const now = Date.now();
    const points = whole(body.points, 1, MAX_POINTS, 48);
    const lines = wanted.map(({ node, key }) => views.line(textIn(node) ?? '', textIn(key), now, points));
    return { now, lines };
  });

  routes.post('/dinox/alerts/:id', (request) => {
    const { id = '' } = request.params;
    const commands = deskOf(RED, id);
    if (!commands) throw new Refusal(404, 'noAlert');
    const body = requestBody(request);
    const cmd = textIn(body.cmd) ?? '';
    if (!COMMANDS.includes(cmd) && cmd !== 'forget') throw new Refusal(400, 'command');
    limit.take(id);
    const asker = { by: whoIs(request) };
    const { ok, text } = obey(commands, cmd, body, asker);
    return { ok, text: text.slice(0, 1_000) };
  });
}

/** @param body `typed`: a time and a note beside *Acknowledge*, a time beside *Silence* */
function obey(
  commands: Desk,
  cmd: string,
  body: Readonly<Record<string, unknown>>,
  asker: { by: string },
): { ok: boolean; text: string } {
  const typed = textIn(body.typed)?.slice(0, MAX_TYPED) ?? '';
  // What cannot be read is not left out: less would be asked than was meant, or more.
  if (body.typed !== undefined && textIn(body.typed) === undefined) throw new Refusal(400, 'command');
  if (cmd === 'ack') return commands.acknowledge(whichOf(body), typed, asker);
  if (cmd === 'silence' && body.typed !== undefined) return commands.silenceFor(whichOf(body), typed, asker);
  return commands.command(commandOf(cmd, body), asker);
}

/** The command of a button; everything else of the body is dropped. */
function commandOf(cmd: string, body: Readonly<Record<string, unknown>>): object {
  return {
    cmd,
    which: whichOf(body),
    ...(cmd === 'silence' ? { ms: whole(body.ms, 60_000, MAX_SILENCE, 3_600_000) } : {}),
  };
}

/** One alert, never all: a body that names none is refused. */
function whichOf(body: Readonly<Record<string, unknown>>): object {
  const [id, key] = [textIn(body.id), textIn(body.key)];
  if (id !== undefined) return { id: id.slice(0, 100) };
  if (key === undefined) throw new Refusal(400, 'whichAlert');
  return { key: key.slice(0, MAX_KEY_LENGTH) };
}

/** A text of a body that anybody may have written. */
const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The user who pressed the button: Node-RED's, if there is a login. */
function whoIs(request: Request): string {
  return request.user?.username?.slice(0, 200) || 'Node-RED';
}
