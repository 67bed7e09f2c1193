import { Patience } from '../../alert/answer-limit';
import type { Spoken } from '../../alert/joint-answers';
import type { SteadyClock } from '../../alert/steady-clock';
import type { AlertEngine } from './alert-engine';
import { answersTo, type Heard, heardIn, isForAll, looksBack } from './chat-input';
import type { Message } from './message-reader';

/** How long copies of a message may take over different wires, in milliseconds. */
const TOGETHER = 100;
/** How long a copy is known as one, in milliseconds, and how many messages are. */
const KNOWN = 10 * 60_000;
const MAX_KNOWN = 1_000;
/**
 * The same at the same alert later than that was said again, in milliseconds: a script may give all that it says one id.
 * Before, it came over another wire.
 */
const AGAIN = 5_000;

/** What a node gives with a message: where its answers leave, and the end of it. */
export interface Hearing {
  engine: AlertEngine;
  msg: Message;
  /** Messages for output 3. */
  send(messages: Message[]): void;
  done(error?: Error): void;
}

/** A message from a chat, and all alerts that it reached. */
interface Round {
  heard: Heard;
  /** Those that wait for the answer. */
  hearings: Hearing[];
  reached: Set<AlertEngine>;
  /** Until it is answered. */
  stop: (() => void) | undefined;
  /** It was obeyed. */
  ok: boolean;
  /** Steady milliseconds; 0: it is not closed. */
  closedAt: number;
}

/**
 * One voice for all alerts of a Node-RED: the same message that reaches several of them is one command, obeyed once and
 * answered once.
 */
export class Rounds {
  private readonly engines = new Set<AlertEngine>();
  private readonly rounds = new Map<string, Round>();
  private readonly patience = new Patience();

  constructor(
    private readonly clock: SteadyClock,
    /** Whether one of these `xmpp-in`s leads to something else than alerts. */
    private readonly leadsElsewhere: (listeners: readonly string[]) => boolean,
  ) {}

  /** A node is there. The result ends that. */
  add(engine: AlertEngine): () => void {
    this.engines.add(engine);
    return () => {
      // Its answer leaves as long as it has outputs.
      for (const round of this.rounds.values()) {
        if (round.stop && round.reached.has(engine)) this.close(round);
        // It would live as long as what it heard is known, with all that it recorded.
        round.reached.delete(engine);
      }
      this.engines.delete(engine);
    };
  }

  hear(hearing: Hearing): void {
    const heard = heardIn(hearing.msg);
    if (heard.isAutomatic) {
      hearing.done();
      return;
    }
    const round = this.roundOf(heard, hearing.engine);
    // What a deploy kept back comes to each of them by itself.
    round.heard.listeners = [...new Set([...round.heard.listeners, ...heard.listeners])];
    if (round.reached.has(hearing.engine)) {
      hearing.done();
      return;
    }
    round.reached.add(hearing.engine);
    if (round.closedAt > 0) {
      this.late(round, hearing);
      return;
    }
    round.hearings.push(hearing);
    if (round.hearings.length >= this.engines.size) this.close(round);
    else round.stop ??= this.clock.after(TOGETHER, () => this.close(round));
  }

  private roundOf(heard: Heard, engine: AlertEngine): Round {
    const now = this.clock.steady();
    const known = this.rounds.get(heard.id);
    if (known) {
      const since = known.closedAt === 0 ? 0 : now - known.closedAt;
      if (since < (known.reached.has(engine) ? AGAIN : KNOWN)) return known;
    }
    const round: Round = { heard, hearings: [], reached: new Set(), stop: undefined, ok: false, closedAt: 0 };
    this.rounds.delete(heard.id);
    this.rounds.set(heard.id, round);
    const [oldest] = this.rounds.values();
    if (this.rounds.size > MAX_KNOWN && oldest && oldest.closedAt > 0) this.rounds.delete(oldest.heard.id);
    return round;
  }

  /** All have it who get it. */
  private close(round: Round): void {
    round.stop?.();
    round.stop = undefined;
    round.closedAt = Math.max(1, this.clock.steady());
    const hearings = round.hearings.splice(0);
    const readings = hearings.flatMap(({ engine: { reading }, msg }) =>
      reading && looksBack(msg) ? [reading] : [],
    );
    // Who asks for yesterday while it is being read gets it.
    if (readings.length > 0) void Promise.all(readings).then(() => this.answer(round, hearings));
    else this.answer(round, hearings);
  }

  /** A copy that came by a longer way: what was answered is not answered again. */
  private late(round: Round, hearing: Hearing): void {
    const { heard } = round;
    const isDone = round.ok && !isForAll(heard);
    this.answer(round, isDone ? [] : [hearing], true);
    if (isDone) hearing.done();
  }

  private answer(round: Round, hearings: readonly Hearing[], isLate = false): void {
    let failed: Error | undefined;
    try {
      const { heard } = round;
      const heardBy = hearings.map(({ engine }) => engine.commands);
      const spoken = answersTo(heard, heardBy, {
        all: [...this.engines].map(({ commands }) => commands),
        isElsewhere: () => this.leadsElsewhere(heard.listeners),
      });
      const isObeyed = spoken.some(({ answer }) => answer.ok);
      if (!isLate || (isObeyed && !round.ok)) this.say(heard, spoken, hearings);
      round.ok ||= isObeyed;
    } catch (error) {
      failed = error as Error;
    }
    for (const [index, { done }] of hearings.entries()) done(index === 0 ? failed : undefined);
  }

  private say(heard: Heard, spoken: readonly Spoken[], hearings: readonly Hearing[]): void {
    if (spoken.length === 0) return;
    const said = heard.reaction ? JSON.stringify(heard.reaction) : heard.text;
    const text = spoken.map(({ answer }) => answer.text).join('\n');
    const understood = spoken.every(({ answer }) => answer.cmd !== '');
    const verdict = this.patience.judge(heard.person, said, { text, understood }, this.clock.steady());
    if (verdict === 'silent') return;
    for (const { commands, answer } of spoken) {
      const speaker = hearings.find(({ engine }) => engine.commands === commands);
      const isLast = verdict === 'last' && !answer.chart && answer === spoken.at(-1)?.answer;
      const whole = isLast ? { ...answer, text: `${answer.text}\n${commands.say('answer.enough')}` } : answer;
      speaker?.send(speaker.engine.answers(whole, speaker.msg));
    }
  }
}
