import { randomBytes } from 'node:crypto';
import type { NodeAPI, NodeDef } from 'node-red';
import { checkFields, HISTORY_FIELDS, parseObject } from '../../alert/command-objects';
import { CommandError } from '../../alert/command-words';
import { NumberPool } from '../../alert/number-pool';
import { TEXT_CONDITIONS } from '../../alert/rules';
import { readValue } from '../../alert/sample-value';
import type { SteadyClock } from '../../alert/steady-clock';
import { systemClock } from '../../base/clock';
import { oneLine } from '../../base/printable';
import type { Translate } from '../../base/translate';

import { measuredBy } from '../../history/measured';
import { HistoryQueryError } from '../../history/query';
import { SendingListeners } from '../../runtime/chat/sending-reports';
import { definitionOf } from '../../runtime/config/node-definition';
import { DataFolders } from '../../runtime/data-folder';
import { DeployWatcher } from '../../runtime/handover/deploy-watcher';
import { RunningFlowGraph } from '../../runtime/running-flow-graph';
import { translator } from '../../runtime/translator';
import { registerAdmin } from './admin';
import type { AlertDelivery } from './alert-delivery';
import { AlertEngine } from './alert-engine';
import type { AlertNode } from './alert-node';
import { ChatDispatcher } from './chat-dispatcher';
import { needsHistory } from './chat-input';
import { alertConfig } from './config';
import { inputKind } from './input-kind';
import { type Message, MessageError, MessageReader, type SampleMessage } from './message-reader';
import { answerMessage, invalidView, sampleView } from './messages';
import { reachesOthers } from './other-consumers';
import { PacedStatus, statusOf } from './status';
import { openAlertStore, openHistoryStore, sweepDeletedNodes, watchConnection } from './stores';

/** What Node-RED keeps of the wires of each output, which a deploy may change while the node goes on. */
interface Wired {
  wires?: unknown[][];
}

type Send = (messages: unknown) => void;
type Done = (error?: Error) => void;

const steadyClock: SteadyClock = { ...systemClock, steady: () => performance.now() };

/**
 * `dinox-alert`: watches values, one state machine for each key. In: samples; commands as `msg.alert = {cmd}`; what
 * people write or how they react, from `xmpp-in` (`msg.xmpp`). Out: 1 what people are to be told
 * (`msg.alertId`, `msg.payload = {id, key, state, …, text}`, `msg.replaces` on updates), 2 every sample with
 * `msg.alert`, 3 answers, addressed to who asked. Errors are what a message lacks; a value that is none is passed on
 * at output 2 with `msg.alert.valid` false.
 */
export function registerDinoxAlert(RED: NodeAPI): void {
  const swept = { done: false };
  const deploys = new DeployWatcher(RED.events, systemClock);
  const sendings = new SendingListeners<AlertDelivery>(RED.events, systemClock);
  const wires = new RunningFlowGraph(RED);
  const folders = new DataFolders(RED.settings as never, 'alerts', systemClock, (folder, owner) =>
    RED.log.warn(
      `[dinox-alert] ${RED._('dinox-alert.warning.locked', { folder, pid: String(owner?.pid ?? '?'), host: owner?.host ?? '?' })}`,
    ),
  );
  const numbers = new NumberPool();
  const dispatcher = new ChatDispatcher(steadyClock, (listeners) => reachesOthers(RED, listeners));
  function DinoxAlert(this: AlertNode, raw: NodeDef & Readonly<Record<string, unknown>>): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const translate = translator(RED, 'dinox-alert');
    const config = alertConfig(def);
    const problems = config.problems.map(({ key, values }) => translate(`problem.${key}`, values));
    let finder: MessageReader | undefined;
    try {
      finder = new MessageReader(RED, this, config, systemClock);
    } catch (error) {
      problems.push(describe(error, translate));
    }
    if (problems.length > 0 || !finder) {
      for (const problem of problems) this.error(problem);
      this.status({ fill: 'red', shape: 'dot', text: translate('status.problem') });
      const text = translate('error.config', { problem: problems[0] ?? '' });
      this.on('input', (_msg, _send, done) => done(new Error(text)));
      return;
    }
    const held = folders.hold();
    // Node ids are unique in one flow file, and a project may be exchanged for another.
    const key = `${held.flow}\n${this.id}`;
    if (!swept.done) sweepDeletedNodes(RED, held.folder, swept);
    const engine = new AlertEngine({
      config,
      clock: steadyClock,
      translate,
      name: String(def.name || translate('text.name')),
      newId: () => randomBytes(6).toString('hex'),
      id: this.id,
      numbers,
      store: config.persist ? openAlertStore(held.folder, this, translate) : undefined,
      historyStore: config.persist ? openHistoryStore(held.folder, this, translate) : undefined,
      send: (messages) => this.send([messages, null, null] as never),
      leadsToChat: () => wires.reaches(this, 0, 'xmpp-out'),
      predecessor: sendings.of(key),
      tooManyUndelivered: () => {
        if (!warnedOfUntold) this.warn(translate('warning.untold'));
        warnedOfUntold = true;
      },
      changed: () => status.changed(),
    });
    let warnedOfUntold = false;
    const { machine, delivery } = engine;
    const status = new PacedStatus(
      systemClock,
      () => statusOf(machine, translate),
      (shown) => this.status(shown),
    );
    engine.start();
    sendings.add(key, delivery);
    this.dinoxAlert = engine.commands;
    this.dinoxEngine = engine;
    const hearNoMore = dispatcher.add(engine);
    let isStarted = false;
    const stopListening = deploys.listen((underWay) => {
      if (underWay) wires.forget();
      if (underWay || isStarted) return;
      isStarted = true;
      engine.started();
    });
    const unwatch = watchConnection(RED, this, def, machine, translate);
    status.changed();

    // At each message: *Modified Nodes* wires a node that goes on running.
    const passesOn = (): boolean => ((this as unknown as Wired).wires?.[1]?.length ?? 0) > 0;
    const reading = {
      numeric: !TEXT_CONDITIONS.includes(config.rules.condition) && config.rules.condition !== 'nodata',
      any: config.rules.condition === 'nodata',
      decimalComma: config.decimalComma,
      unit: config.unit,
      wanted: '',
    };
    let warned = false;
    let warnedEcho = false;

    const take = (found: SampleMessage, msg: Message, send: Send): void => {
      // With the limits that count now: they may come with the message, or have been set by a command.
      reading.wanted = (found.limits ?? machine.limits)?.text ?? '';
      const { value, unit, why } = readValue(found.raw, reading);
      if (value === undefined) {
        const entry = machine.invalid(found.key);
        if (!warned)
          this.warn(
            translate('warning.invalid', {
              key: oneLine(found.key || String(def.name ?? '')),
              why: translate(`why.${why}`),
            }),
          );
        warned = true;
        if (passesOn()) send([null, { ...msg, alert: invalidView(found.key, entry, why) }, null]);
        return;
      }
      const entry = engine.sample(found, value, unit, measuredBy(msg, steadyClock.now()));
      if (!entry) throw new MessageError('full', { max: String(config.rules.maxKeys) });
      if (passesOn()) {
        msg.alert = sampleView(entry, machine, steadyClock.now());
        send([null, msg, null]);
      }
      if (found.fault) throw found.fault;
    };
    let last: Promise<void> = Promise.resolve();
    const slowly = (msg: Message, send: Send, done: Done): void => {
      // One after the other, so that samples keep their order.
      last = last
        .then(() => finder.findSlowly(msg))
        .then((found) => take(found, msg, send))
        .then(() => done())
        .catch((error) => done(new Error(describe(error, translate), { cause: error })));
    };

    const failure = (error: unknown): Error | undefined =>
      error === undefined ? undefined : new Error(describe(error, translate), { cause: error });
    const obey = (msg: Message, send: Send, done: Done): void => {
      try {
        const kind = inputKind(msg);
        if (kind === 'command') send([null, null, commandAnswers(msg, engine)]);
        else if (kind === 'echo') {
          if (!warnedEcho) this.warn(translate('warning.answer'));
          warnedEcho = true;
        } else if (kind === 'chat') {
          const answer = (messages: Message[]): void => send([null, null, messages]);
          dispatcher.receive({ engine, msg, send: answer, done: (error) => done(failure(error)) });
          return;
        } else if (finder.isSlow) {
          slowly(msg, send, done);
          return;
        } else take(finder.find(msg), msg, send);
        done();
      } catch (error) {
        done(failure(error));
      }
    };
    this.on('input', (input, send, done) => {
      const msg = input as unknown as Message;
      // A question about yesterday waits while yesterday is being read.
      if (engine.historyLoading && inputKind(msg) === 'command' && needsHistory(msg))
        void engine.historyLoading.then(() => obey(msg, send as Send, done));
      else obey(msg, send as Send, done);
    });
    this.on('close', (removed: boolean, done: () => void) => {
      hearNoMore();
      stopListening();
      sendings.remove(key, delivery, removed);
      unwatch();
      status.close();
      // Neither rejects: what cannot be written is said.
      void engine.close(!removed).then(() => {
        held.release();
        done();
      });
    });
  }

  registerAdmin(RED);
  RED.nodes.registerType('dinox-alert', DinoxAlert as never);
}

/** @throws CommandError where `msg.alert` is not understood */
function commandAnswers(msg: Message, engine: AlertEngine): Message[] {
  const source = msg.alert as Readonly<Record<string, unknown>>;
  if (source.cmd === 'told') {
    checkFields(source, ['id']);
    if (typeof source.id !== 'string' || source.id === '') throw new MessageError('told');
    engine.delivery.confirmed(source.id);
    return [];
  }
  if (source.cmd === 'history') {
    checkFields(source, HISTORY_FIELDS);
    const payload = engine.query(source);
    if (payload === undefined) throw new MessageError('historyOff');
    return [answerMessage({ ok: true, cmd: 'history', text: '' }, msg, payload)];
  }
  const command = parseObject(source);
  const by = typeof source.by === 'string' && source.by !== '' ? source.by.slice(0, 100) : 'Node-RED';
  const answer = engine.commands.command(command, { by });
  if (!answer.ok) throw new MessageError('command', { text: answer.text });
  return engine.answers(answer, msg);
}

function describe(error: unknown, translate: Translate): string {
  if (error instanceof MessageError) {
    const { key, values } = error;
    if (key !== 'limits') return translate(`error.${key}`, values);
    const { problem = '', ...rest } = values;
    return translate('error.limits', { problem: translate(`problem.${problem}`, rest) });
  }
  if (error instanceof HistoryQueryError)
    return translate(`error.history.${error.code}`, { given: error.given });
  if (error instanceof CommandError) {
    const near = error.near ? ` ${translate('answer.near', { cmd: error.near })}` : '';
    return `msg.alert: ${translate(`answer.error.${error.key}`, error.values)}${near}`;
  }
  return (error as Error).message;
}
