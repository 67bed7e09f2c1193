import { CalendarError } from '../../alert/calendar';
import { checkFields, HISTORY_FIELDS, parseObject } from '../../alert/command-objects';
import { CommandError } from '../../alert/command-words';
import { TEXT_CONDITIONS } from '../../alert/rules';
import { type ReadOptions, readValue } from '../../alert/sample-value';
import { text, words } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { CodedError } from '../../base/coded-error';
import { oneLine } from '../../base/printable';
import type { ReadText, Translate } from '../../base/translate';
import { measuredBy } from '../../history/measured';
import { readError } from '../../runtime/translator';
import type { AlertEngine } from './alert-engine';
import type { ChatDispatcher } from './chat-dispatcher';
import { needsHistory } from './chat-input';
import { inputKind } from './input-kind';
import { type Message, MessageError, type MessageReader, type SampleMessage } from './message-reader';
import { answerMessage, invalidView, sampleView } from './messages';
import type { NodeDevices } from './node-devices';

type Send = (messages: unknown) => void;
type Done = (error?: Error) => void;

export interface AlertInputOptions {
  engine: AlertEngine;
  reader: Pick<MessageReader, 'isSlow' | 'find' | 'findSlowly'>;
  dispatcher: ChatDispatcher;
  /** Replaces the key where there is one for all. */
  name: string;
  /** True if output 2 is wired; asked for each message. */
  passesOn(): boolean;
  /** True if output 3 is wired. */
  answers(): boolean;
  warn(said: string): void;
  clock: Clock;
  translate: Translate;
  read: ReadText;
}

/** Takes the messages of one `dinox-alert`: samples, commands, and what comes from a chat. */
export class AlertInput {
  private readonly reading: ReadOptions;
  private readonly warned = new Set<string>();
  /** Last sample that JSONata reads. Samples are read one after the other, in order. */
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly options: AlertInputOptions) {
    const { rules, decimalComma, unit } = options.engine.config;
    const { condition } = rules;
    this.reading = {
      numeric: !TEXT_CONDITIONS.includes(condition) && condition !== 'nodata',
      any: condition === 'nodata',
      ...{ decimalComma, unit, wanted: '' },
    };
  }

  /** Calls `done` once: with the message's fault, or when the message has been handled. */
  handle(msg: Message, send: Send, done: Done): void {
    const { loading } = this.options.engine.recordings;
    // A question about yesterday waits while yesterday is being read.
    if (loading && inputKind(msg) === 'command' && needsHistory(msg))
      void loading.then(() => this.process(msg, send, done));
    else this.process(msg, send, done);
  }

  private process(msg: Message, send: Send, done: Done): void {
    const { engine, reader, dispatcher } = this.options;
    try {
      const kind = inputKind(msg);
      if (kind === 'command') send([null, null, commandAnswers(msg, engine)]);
      else if (kind === 'echo') this.warnOnce('warning.answer');
      else if (kind === 'chat') {
        const answer = (messages: Message[]): void => {
          if (messages.length > 0 && !this.options.answers()) this.warnOnce('warning.unanswered');
          send([null, null, messages]);
        };
        dispatcher.receive({ engine, msg, send: answer, done: (error) => done(this.failure(error)) });
        return;
      } else if (kind === 'answered') {
        // Nothing is left to do.
      } else if (engine.devices) this.takeFromDevices(engine.devices, msg, send);
      else if (reader.isSlow) {
        this.takeSlowly(msg, send, done);
        return;
      } else this.take(reader.find(msg), msg, send);
      done();
    } catch (error) {
      done(this.failure(error));
    }
  }

  /** What says nothing about a device goes no further: a wildcard brings much that does not. */
  private takeFromDevices(nodes: NodeDevices, msg: Message, send: Send): void {
    const devices = nodes.take(msg);
    if (devices.length === 0 || !this.options.passesOn()) return;
    msg.alert = { devices: devices.map((device) => device.view()) };
    send([null, msg, null]);
  }

  private takeSlowly(msg: Message, send: Send, done: Done): void {
    this.last = this.last
      .then(() => this.options.reader.findSlowly(msg))
      .then((found) => this.take(found, msg, send))
      .then(() => done())
      .catch((error) => done(this.failure(error)));
  }

  private take(found: SampleMessage, msg: Message, send: Send): void {
    const { engine, clock, passesOn } = this.options;
    const { machine, config } = engine;
    // The limits that apply now may come with the message, or have been set by a command.
    this.reading.wanted = (found.limits ?? machine.limits)?.text ?? '';
    const { value, unit, why } = readValue(found.raw, this.reading);
    if (value === undefined) {
      const entry = machine.invalid(found.key);
      this.warnInvalid(found.key, why);
      if (passesOn()) send([null, { ...msg, alert: invalidView(found.key, entry, why) }, null]);
      return;
    }
    const entry = engine.sample(found, value, unit, measuredBy(msg, clock.now()), msg.attachment);
    const unfit = engine.own.takeFault();
    if (!entry) throw new MessageError('full', { max: String(config.rules.maxKeys) });
    if (passesOn()) {
      msg.alert = sampleView(entry, machine, clock.now());
      send([null, msg, null]);
    }
    const fault = found.fault ?? unfit;
    if (fault) throw fault;
  }

  private warnInvalid(key: string, why: string): void {
    const { name, translate } = this.options;
    this.warnOnce('warning.invalid', { key: oneLine(key || name), why: translate(`why.${why}`) });
  }

  private warnOnce(key: string, values?: Record<string, string>): void {
    if (this.warned.has(key)) return;
    this.warned.add(key);
    this.options.warn(this.options.translate(key, values));
  }

  private failure(error: unknown): Error | undefined {
    if (error === undefined) return undefined;
    return readError(asked(error), this.options.read);
  }
}

/** @throws CommandError if `msg.alert` is not understood */
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
    const payload = engine.recordings.query(source);
    if (payload === undefined) throw new MessageError('historyOff');
    return [answerMessage({ ok: true, cmd: 'history', text: '' }, msg, payload)];
  }
  if (source.cmd === 'holidays') {
    checkFields(source, ['ics']);
    const { ics } = source;
    if (ics !== null && typeof ics !== 'string') throw new CalendarError('none');
    return [answerMessage(engine.takeHolidays(ics), msg)];
  }
  const command = parseObject(source);
  const by = typeof source.by === 'string' && source.by !== '' ? source.by.slice(0, 100) : 'Node-RED';
  const answer = engine.commands.command(command, { by });
  if (!answer.ok) throw new CodedError('command', words(answer.text));
  return engine.answers(answer, msg);
}

/** A fault of `msg.alert` says that it is about that. */
function asked(error: unknown): unknown {
  if (!(error instanceof CommandError)) return error;
  return new CodedError(error.code, text('command.inMessage', { text: error.text }), { cause: error });
}
