import { AnswerLimit } from '../../alert/answer-limit';
import type { NodeAnswer } from '../../alert/joint-answers';
import type { SteadyClock } from '../../alert/steady-clock';
import type { AlertEngine } from './alert-engine';
import { answersTo, type ChatInput, chatInputOf, isForAll, needsHistory } from './chat-input';
import type { Message } from './message-reader';

/** Milliseconds that copies of a message may take over different wires. */
const TOGETHER = 100;
/** Milliseconds for which a copy is recognised, and the number of messages that are remembered. */
const KNOWN = 10 * 60_000;
const MAX_KNOWN = 1_000;
/**
 * Milliseconds after which the same message at the same alert is a new one: a script may give all its messages one id.
 * Until then, it is a copy from another wire.
 */
const AGAIN = 5_000;

/** A node's callbacks for a message: for answers, and for its end. */
export interface ReceivedCopy {
  engine: AlertEngine;
  msg: Message;
  /** Sends messages to output 3. */
  send(messages: Message[]): void;
  done(error?: Error): void;
}

/** A message from a chat, and all alerts that it reached. */
interface Dispatch {
  input: ChatInput;
  /** Copies that wait for the answer. */
  copies: ReceivedCopy[];
  reached: Set<AlertEngine>;
  /** Stops the timer of the answer. */
  stop: (() => void) | undefined;
  /** True if it was obeyed. */
  ok: boolean;
  /** Time of the steady clock, in milliseconds; 0: it is not closed. */
  closedAt: number;
}

/**
 * Collects the copies of a chat message. A message that reaches several alerts is one command, obeyed once and
 * answered once.
 */
export class ChatDispatcher {
  private readonly engines = new Set<AlertEngine>();
  private readonly dispatches = new Map<string, Dispatch>();
  private readonly answerLimit = new AnswerLimit();

  constructor(
    private readonly clock: SteadyClock,
    /** True if one of these `xmpp-in`s leads to something other than alerts. */
    private readonly reachesOthers: (listeners: readonly string[]) => boolean,
  ) {}

  /** Adds a node's engine; the returned function removes it. */
  add(engine: AlertEngine): () => void {
    this.engines.add(engine);
    return () => {
      // The answer has to go out while the node still has outputs.
      for (const dispatch of this.dispatches.values()) {
        if (dispatch.stop && dispatch.reached.has(engine)) this.close(dispatch);
        // Otherwise the engine and its history would stay in memory as long as the message is remembered.
        dispatch.reached.delete(engine);
      }
      this.engines.delete(engine);
    };
  }

  receive(copy: ReceivedCopy): void {
    const input = chatInputOf(copy.msg);
    if (input.isAutomatic) {
      copy.done();
      return;
    }
    const dispatch = this.dispatchOf(input, copy.engine);
    // Messages that a deploy held back reach each node separately.
    dispatch.input.listeners = [...new Set([...dispatch.input.listeners, ...input.listeners])];
    if (dispatch.reached.has(copy.engine)) {
      copy.done();
      return;
    }
    dispatch.reached.add(copy.engine);
    if (dispatch.closedAt > 0) {
      this.late(dispatch, copy);
      return;
    }
    dispatch.copies.push(copy);
    if (dispatch.copies.length >= this.engines.size) this.close(dispatch);
    else dispatch.stop ??= this.clock.after(TOGETHER, () => this.close(dispatch));
  }

  private dispatchOf(input: ChatInput, engine: AlertEngine): Dispatch {
    const now = this.clock.steady();
    const known = this.dispatches.get(input.id);
    if (known) {
      const since = known.closedAt === 0 ? 0 : now - known.closedAt;
      if (since < (known.reached.has(engine) ? AGAIN : KNOWN)) return known;
    }
    const dispatch: Dispatch = {
      input,
      copies: [],
      reached: new Set(),
      stop: undefined,
      ok: false,
      closedAt: 0,
    };
    this.dispatches.delete(input.id);
    this.dispatches.set(input.id, dispatch);
    const [oldest] = this.dispatches.values();
    if (this.dispatches.size > MAX_KNOWN && oldest && oldest.closedAt > 0)
      this.dispatches.delete(oldest.input.id);
    return dispatch;
  }

  /** Ends the collecting: every node that gets the message has it. */
  private close(dispatch: Dispatch): void {
    dispatch.stop?.();
    dispatch.stop = undefined;
    dispatch.closedAt = Math.max(1, this.clock.steady());
    const copies = dispatch.copies.splice(0);
    const loading = copies.flatMap(({ engine: { recordings }, msg }) =>
      recordings.loading && needsHistory(msg) ? [recordings.loading] : [],
    );
    // A question about yesterday waits while yesterday is being read.
    if (loading.length > 0) void Promise.all(loading).then(() => this.answer(dispatch, copies));
    else this.answer(dispatch, copies);
  }

  /** Handles a copy that came by a longer way. An answered message is not answered again. */
  private late(dispatch: Dispatch, copy: ReceivedCopy): void {
    const { input } = dispatch;
    const isDone = dispatch.ok && !isForAll(input);
    this.answer(dispatch, isDone ? [] : [copy], true);
    if (isDone) copy.done();
  }

  private answer(dispatch: Dispatch, copies: readonly ReceivedCopy[], isLate = false): void {
    let failed: Error | undefined;
    try {
      const { input } = dispatch;
      const alerts = copies.map(({ engine }) => engine.commands);
      const answers = answersTo(input, alerts, {
        all: [...this.engines].map(({ commands }) => commands),
        isElsewhere: () => this.reachesOthers(input.listeners),
      }).map((one) => withHelp(one, input));
      const isObeyed = answers.some(({ answer }) => answer.ok);
      if (!isLate || (isObeyed && !dispatch.ok)) this.sendAnswers(input, answers, copies);
      dispatch.ok ||= isObeyed;
    } catch (error) {
      failed = error as Error;
    }
    for (const [index, { done }] of copies.entries()) done(index === 0 ? failed : undefined);
  }

  private sendAnswers(
    input: ChatInput,
    answers: readonly NodeAnswer[],
    copies: readonly ReceivedCopy[],
  ): void {
    if (answers.length === 0) return;
    const said = input.reaction ? JSON.stringify(input.reaction) : input.text;
    const text = answers.map(({ answer }) => answer.text).join('\n');
    const understood = answers.every(({ answer }) => answer.cmd !== '');
    const decision = this.answerLimit.admit(input.person, said, { text, understood }, this.clock.steady());
    if (decision === 'none') return;
    for (const { commands, answer } of answers) {
      const speaker = copies.find(({ engine }) => engine.commands === commands);
      const isLast = decision === 'last' && !answer.chart && answer === answers.at(-1)?.answer;
      const whole = isLast
        ? { ...answer, text: `${answer.text}\n${commands.translate('answer.enough')}` }
        : answer;
      speaker?.send(speaker.engine.answers(whole, speaker.msg));
    }
  }
}

/** One answer to `help` says all that the bot can do. */
function withHelp({ commands, answer }: NodeAnswer, { help }: ChatInput): NodeAnswer {
  const isHelp = help !== '' && answer.cmd === 'help';
  return { commands, answer: isHelp ? { ...answer, text: `${answer.text}\n${help}` } : answer };
}
