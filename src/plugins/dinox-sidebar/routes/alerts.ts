import type { NodeAPI } from 'node-red';
import { MAX_SILENCE } from '../../../alert/silence-parser';
import { systemClock } from '../../../base/clock';
import { RateLimit } from '../../../base/rate-limit';
import { Refusal } from '../../../runtime/admin/refusal';
import { type Request, type Routes, requestBody, whole } from '../../../runtime/admin/routes';
import { nodesOfType } from '../../../runtime/nodes-of-type';
import { deskOf, openAlerts } from '../../../runtime/open-alerts';

const COMMANDS = ['ack', 'unack', 'silence', 'unsilence'];
/** Maximum length of a key: that of a topic. */
const MAX_KEY_LENGTH = 65_535;
/** Longer than a note may be, so that one that is too long is refused and not cut. */
const MAX_TYPED = 1_000;
/** Maximum commands to one node in this many milliseconds, because people are told of them. */
const MAX_COMMANDS = 60;
const WINDOW = 60_000;

/** Routes for the open alerts and their buttons. */
export function alertRoutes(RED: NodeAPI, routes: Routes): void {
  const limit = new RateLimit<string>(systemClock, MAX_COMMANDS, WINDOW);

  routes.get('/dinox/alerts', () => {
    const nodes = nodesOfType(RED, 'dinox-alert').length;
    return { nodes, alerts: openAlerts(RED), now: Date.now() };
  });

  routes.post('/dinox/alerts/:id', (request) => {
    const { id = '' } = request.params;
    const commands = deskOf(RED, id);
    if (!commands) throw new Refusal(404, 'noAlert');
    const body = requestBody(request);
    const cmd = String(body.cmd ?? '');
    if (!COMMANDS.includes(cmd) && cmd !== 'forget') throw new Refusal(400, 'command');
    limit.take(id);
    const asker = { by: whoIs(request) };
    const { ok, text } =
      cmd === 'ack'
        ? commands.acknowledge(whichOf(body), String(body.typed ?? '').slice(0, MAX_TYPED), asker)
        : commands.command(commandOf(cmd, body), asker);
    return { ok, text: text.slice(0, 1_000) };
  });
}

/** The command of a button; everything else of the body is dropped. */
function commandOf(cmd: string, body: Readonly<Record<string, unknown>>): object {
  return {
    cmd,
    which: whichOf(body),
    ...(cmd === 'silence' ? { ms: whole(body.ms, 60_000, MAX_SILENCE, 3_600_000) } : {}),
  };
}

function whichOf({ id, key }: Readonly<Record<string, unknown>>): object {
  return typeof id === 'string'
    ? { id: id.slice(0, 100) }
    : { key: String(key ?? '').slice(0, MAX_KEY_LENGTH) };
}

/** The user who pressed the button: Node-RED's, if there is a login. */
function whoIs(request: Request): string {
  return request.user?.username?.slice(0, 200) || 'Node-RED';
}
