import type { Node, NodeAPI, NodeDef } from 'node-red';
import { bodyOf, Refusal, type Request, type Routes } from './http';

/** What a `dinox-alert` shows of itself: `AlertDesk`. */
interface Desk {
  open(): readonly object[];
  command(command: object, by: string): unknown;
}

type AlertNode = Node & { dinoxAlert?: Desk };

const MOST_ALERTS = 500;
const COMMANDS = ['ack', 'silence', 'unsilence'];

/** The alerts that are open, and the buttons beside them. */
export function alertRoutes(RED: NodeAPI, routes: Routes): void {
  routes.get('/dinox/alerts', () => {
    const alerts: object[] = [];
    let nodes = 0;
    RED.nodes.eachNode((def) => {
      const raw = def as NodeDef;
      if ((raw.type as string) !== 'dinox-alert') return;
      nodes += 1;
      const desk = deskOf(RED, raw.id);
      for (const alert of desk?.open() ?? []) {
        if (alerts.length < MOST_ALERTS) alerts.push({ ...alert, node: raw.id, name: raw.name ?? '' });
      }
    });
    return { nodes, alerts, now: Date.now() };
  });

  routes.post('/dinox/alerts/:id', (request) => {
    const desk = deskOf(RED, request.params.id ?? '');
    if (!desk) throw new Refusal(404, 'noAlert');
    const body = bodyOf(request);
    const cmd = String(body.cmd ?? '');
    if (!COMMANDS.includes(cmd)) throw new Refusal(400, 'command');
    return { answer: answerOf(desk.command(commandOf(cmd, body), whoIs(request))) };
  });
}

function deskOf(RED: NodeAPI, id: string): Desk | undefined {
  return (RED.nodes.getNode(id) as AlertNode | null)?.dinoxAlert;
}

/** Only what a button says; everything else of the body is dropped. */
function commandOf(cmd: string, body: Readonly<Record<string, unknown>>): object {
  const text = (name: string): Record<string, string> =>
    typeof body[name] === 'string' ? { [name]: (body[name] as string).slice(0, 1_100) } : {};
  return { cmd, ...text('id'), ...text('key'), ...text('for') };
}

function answerOf(answer: unknown): unknown {
  if (typeof answer === 'string') return answer.slice(0, 1_000);
  const { text, ok } = (answer ?? {}) as { text?: unknown; ok?: unknown };
  return { ...(ok === undefined ? {} : { ok: ok === true }), ...(typeof text === 'string' ? { text } : {}) };
}

/** Who pressed the button: Node-RED's user, where there is a login. */
function whoIs(request: Request): string {
  return request.user?.username?.slice(0, 200) || 'Node-RED';
}
