/**
 * Ad-hoc commands (XEP-0050): what a person may do, as forms that clients show. It only knows stages and sessions; what
 * a command does is up to its owner.
 */
import { randomUUID } from 'node:crypto';
import type { Element } from '@xmpp/client';
import type { Clock } from '../../base/clock';
import { type Address, addressOf } from '../addresses';
import { NS } from '../namespaces';
import { IqRefusal } from '../session/iq-responses';
import type { Xml } from '../stanzas';
import { clean, type Form, formElement, valuesOf } from './form';

/** Sessions of all people, and of one of them. */
const MAX_SESSIONS = 100;
const MAX_OF_ONE = 5;
/** Milliseconds for which a form waits to be filled in. */
const LASTS_MS = 10 * 60_000;
/** Characters of a result. */
const MAX_LENGTH = 10_000;

/** The next step of a command: a form, after which there may be another one, or its result. */
export type Stage = FormStage | { done: string; isError?: boolean };

interface FormStage {
  form: Form;
  isLast: boolean;
  submit(values: ReadonlyMap<string, string>): Stage;
}

export interface OfferedCommand {
  node: string;
  name: string;
  start(): Stage;
}

/** The commands of a person. */
export type OfferedTo = (person: Address) => readonly OfferedCommand[];

interface Session {
  id: string;
  node: string;
  /** Full JID: another device has no part in it. */
  from: string;
  bare: string;
  /** The forms so far; the last one is open. */
  stages: FormStage[];
  /** By the steady clock. */
  expires: number;
}

export class CommandService {
  private readonly sessions = new Map<string, Session>();

  constructor(
    private readonly clock: Clock,
    private readonly offered: OfferedTo,
  ) {}

  /** True if this person has any command. */
  serves(from: string | undefined): boolean {
    return this.commandsOf(from).length > 0;
  }

  /** The list of commands (XEP-0050 §2.2); undefined: there is none for this person. */
  items(from: string | undefined, to: string | undefined, xml: Xml): Element | undefined {
    const commands = this.commandsOf(from);
    if (commands.length === 0) return undefined;
    return xml(
      'query',
      { xmlns: NS.discoItems, node: NS.commands },
      ...commands.map(({ node, name }) => xml('item', { ...(to && { jid: to }), node, name: clean(name) })),
    );
  }

  /** What a command's node is (XEP-0050 §2.3); undefined: it is none for this person. */
  info(from: string | undefined, node: string, xml: Xml): Element | undefined {
    const command = this.commandsOf(from).find((one) => one.node === node);
    const isList = node === NS.commands && this.serves(from);
    if (!command && !isList) return undefined;
    const identity = command
      ? { category: 'automation', type: 'command-node', name: clean(command.name) }
      : { category: 'automation', type: 'command-list' };
    const features = command ? [NS.commands, NS.dataForms] : [NS.commands];
    return xml(
      'query',
      { xmlns: NS.discoInfo, node },
      xml('identity', identity),
      ...features.map((feature) => xml('feature', { var: feature })),
    );
  }

  /** Answers `<iq type='set'><command/></iq>`. */
  execute(iq: Element, xml: Xml): Element | IqRefusal {
    const command = iq.getChild('command', NS.commands);
    const { node = '', action = 'execute', sessionid } = command?.attrs ?? {};
    const from = iq.attrs.from ?? '';
    const offered = this.commandsOf(from);
    if (!command || offered.length === 0) return new IqRefusal('forbidden', 'auth');
    const start = offered.find((one) => one.node === node);
    if (!start) return new IqRefusal('item-not-found', 'cancel');
    if (!['execute', 'next', 'prev', 'complete', 'cancel'].includes(action)) {
      return refusal(xml, 'malformed-action');
    }
    this.expire();
    if (sessionid === undefined) {
      if (action !== 'execute' && action !== 'complete' && action !== 'next')
        return refusal(xml, 'bad-action');
      const session = {
        id: randomUUID(),
        node,
        from,
        bare: addressOf(from)?.bare ?? '',
        stages: [],
        expires: 0,
      };
      return this.go(session, start.start(), xml);
    }
    const session = this.sessions.get(sessionid);
    if (!session || session.from !== from || session.node !== node) return refusal(xml, 'bad-sessionid');
    const open = session.stages.at(-1);
    if (action === 'cancel' || !open) {
      this.sessions.delete(session.id);
      return answer(xml, session, 'canceled');
    }
    if (action === 'prev') {
      if (session.stages.length < 2) return refusal(xml, 'bad-action');
      session.stages.splice(-1);
      const before = session.stages.pop();
      return before ? this.go(session, before, xml) : refusal(xml, 'bad-action');
    }
    if (open.isLast ? action === 'next' : action === 'complete') return refusal(xml, 'bad-action');
    const form = command.getChild('x', NS.dataForms);
    return this.go(session, open.submit(valuesOf(form, open.form.fields)), xml);
  }

  /** Ends everything that is open. */
  clear(): void {
    this.sessions.clear();
  }

  private go(session: Session, stage: Stage, xml: Xml): Element {
    if ('done' in stage) {
      this.sessions.delete(session.id);
      const { done, isError } = stage;
      const said = done.length > MAX_LENGTH ? `${done.slice(0, MAX_LENGTH)}…` : done;
      const note = xml('note', { type: isError ? 'error' : 'info' }, clean(said));
      return answer(xml, session, 'completed', note);
    }
    session.stages.push(stage);
    session.expires = this.clock.steady() + LASTS_MS;
    this.keep(session);
    const next = stage.isLast ? 'complete' : 'next';
    const hasBefore = session.stages.length > 1;
    const actions = xml('actions', { execute: next }, ...(hasBefore ? [xml('prev', {})] : []), xml(next, {}));
    return answer(xml, session, 'executing', actions, formElement(xml, stage.form));
  }

  private keep(session: Session): void {
    this.sessions.delete(session.id);
    this.sessions.set(session.id, session);
    const own = [...this.sessions.values()].filter(({ bare }) => bare === session.bare);
    for (const { id } of own.slice(0, -MAX_OF_ONE)) this.sessions.delete(id);
    for (const id of [...this.sessions.keys()].slice(0, -MAX_SESSIONS)) this.sessions.delete(id);
  }

  private expire(): void {
    const now = this.clock.steady();
    for (const { id, expires } of [...this.sessions.values()]) if (expires <= now) this.sessions.delete(id);
  }

  private commandsOf(from: string | undefined): readonly OfferedCommand[] {
    const person = addressOf(from);
    return person ? this.offered(person) : [];
  }
}

function answer(xml: Xml, { id, node }: Session, status: string, ...content: Element[]): Element {
  return xml('command', { xmlns: NS.commands, sessionid: id, node, status }, ...content);
}

/** The errors of XEP-0050 §4.4; what this service knows nothing about has expired. */
function refusal(xml: Xml, detail: 'bad-action' | 'bad-sessionid' | 'malformed-action'): IqRefusal {
  return new IqRefusal('bad-request', 'modify', xml(detail, { xmlns: NS.commands }));
}
