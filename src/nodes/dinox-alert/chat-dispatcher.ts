import { AnswerLimit } from '../../alert/answer-limit';
import type { NodeAnswer } from '../../alert/joint-answers';
import type { SteadyClock } from '../../alert/steady-clock';
import type { AlertEngine } from './alert-engine';
import { answersTo, type ChatInput, chatInputOf, isForAll, needsHistory } from './chat-input';
import type { Message } from './message-reader';

/** How long copies of a message may take over different wires, in milliseconds. */
const TOGETHER = 100;
/** How long a copy is known as one, in milliseconds, and how many messages are. */
const KNOWN = 10 * 60_000;
const MAX_KNOWN = 1_000;
/**
 * A message that comes again to the same alert later than this was said again, in milliseconds: a script may give all that it says one id.
 * Before, it came over another wire.
 */
const AGAIN = 5_000;

/** What a node gives with a message: where its answers leave, and the end of it. */
export interface ReceivedCopy {
  engine: AlertEngine;
  msg: Message;
  /** Messages for output 3. */
  send(messages: Message[]): void;
  done(error?: Error): void;
}

/** A message from a chat, and all alerts that it reached. */
interface Dispatch {
  input: ChatInput;
  /** Those that wait for the answer. */
  copies: ReceivedCopy[];
  reached: Set<AlertEngine>;
  /** Until it is answered. */
  stop: (() => void) | undefined;
  /** It was obeyed. */
  ok: boolean;
  /** Steady milliseconds; 0: it is not closed. */
  closedAt: number;
}

/**
 * Collects the copies of a chat message: one that reaches several of them is one command, obeyed once and
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

  /** A node is there. The result ends that. */
  add(engine: AlertEngine): () => void {
    this.engines.add(engine);
    return () => {
      // Its answer leaves as long as it has outputs.
      for (const dispatch of this.dispatches.values()) {
        if (dispatch.stop && dispatch.reached.has(engine)) this.close(dispatch);
        // The engine would live as long as the message is known, with all that it recorded.
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
    // What a deploy kept back comes to each of them by itself.
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

  /** All have it who get it. */
  private close(dispatch: Dispatch): void {
    dispatch.stop?.();
    dispatch.stop = undefined;
    dispatch.closedAt = Math.max(1, this.clock.steady());
    const copies = dispatch.copies.splice(0);
    const loading = copies.flatMap(({ engine: { historyLoading }, msg }) =>
      historyLoading && needsHistory(msg) ? [historyLoading] : [],
    );
    // A question about yesterday waits while yesterday is being read.
    if (loading.length > 0) void Promise.all(loading).then(() => this.answer(dispatch, copies));
    else this.answer(dispatch, copies);
  }

  /** A copy that came by a longer way: what was answered is not answered again. */
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
      });
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
    const verdict = this.answerLimit.admit(input.person, said, { text, understood }, this.clock.steady());
    if (verdict === 'silent') return;
    for (const { commands, answer } of answers) {
      const speaker = copies.find(({ engine }) => engine.commands === commands);
      const isLast = verdict === 'last' && !answer.chart && answer === answers.at(-1)?.answer;
      const whole = isLast
        ? { ...answer, text: `${answer.text}\n${commands.translate('answer.enough')}` }
        : answer;
      speaker?.send(speaker.engine.answers(whole, speaker.msg));
    }
  }
}
