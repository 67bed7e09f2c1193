/** One bot that answers: it tells questions from orders, and both from what is for somebody else. */
import type { AnswerLimit } from '../alert/answer-limit';
import { CommandError } from '../alert/command-words';
import { parseText } from '../alert/commands';
import { text } from '../base/catalogue';
import { plain } from '../base/printable';
import type { Text } from '../base/text';
import type { Speaker } from '../xmpp/receiving/allow-list';
import type { Acting, Acts } from './acts';
import { takesValue } from './actuators';
import type { Answer, Answerer, Asked, Choice } from './answerer';
import { publishedIn } from './orders';
import { readQuestion } from './question';

/** What a person can say to a node, and of that, what can be tried at once. */
export interface Help {
  lines: Text[];
  choices: Choice[];
}

/** What somebody says to the bot. */
export type Said = Asked & Acting;

export class Home {
  constructor(
    private readonly answerer: Answerer,
    private readonly acts: Acts,
    private readonly limit: AnswerLimit,
    /** True if alerts hear the same: their commands are theirs. */
    private readonly reachesAlerts: () => boolean,
  ) {}

  /** The answer; undefined if what was said is no question and no order, or is for an alert. */
  take(said: Said): Answer | Promise<Answer> | undefined {
    const command = commandIn(said.text);
    const isUndo = !this.acts.isEmpty && readQuestion(said.text)?.kind === 'undo';
    if (isUndo && (this.acts.canUndo(said) || !this.reachesAlerts()))
      return this.acts.undo(said).then((answer) => this.limited(answer, said));
    if (command !== undefined && this.reachesAlerts()) return undefined;
    const order = this.acts.read(said);
    // A question it may be as well, but nobody else is to answer an order.
    if (!order && this.acts.isForAnother(said)) return undefined;
    const listed = order ? undefined : this.savedList(said);
    if (listed) return this.limited(listed, said);
    // What may be a question is one: nothing happens to the garage because somebody asks for it.
    const isSure = order && !order.isGuess && (takesValue(order.actuator) || order.isUrged);
    if (isSure) return this.acts.obey(order, said).then((answer) => this.limited(answer, said));
    const answer = this.answerer.answer(said);
    if (answer && order && !order.isGuess && this.acts.may(order.actuator, said.speaker))
      answer.lines.push(text('act.sayDo', { name: order.actuator.name }));
    if (answer) return this.limited(answer, said);
    return order && this.acts.obey(order, said).then((one) => this.limited(one, said));
  }

  /** True if a text is a command for alerts that hear the same. */
  isForAlerts(said: string): boolean {
    return this.reachesAlerts() && commandIn(said) !== undefined;
  }

  /** What a person can ask and order here; undefined if nobody asked. */
  helpFor(said: Pick<Said, 'text' | 'speaker'>): Help | undefined {
    return commandIn(said.text) === 'help' ? this.helpOf(said.speaker) : undefined;
  }

  /** `publish` alone, or with a name that there is not, is answered with the names that there are. */
  private savedList({ text: line, speaker }: Said): Answer | undefined {
    const [verb, name] = publishedIn(line) ?? [];
    const names = verb === undefined ? [] : this.acts.savedFor(speaker);
    // `publish` alone of somebody who may: a sentence that begins so is none of ours, as long as there is nothing to send.
    if (names.length === 0 && name === '' && this.acts.mayPublish(speaker))
      return { kind: 'list', topics: [], lines: [text('act.savedNone')] };
    if (names.length === 0) return undefined;
    const lines = [text('act.saved', { names: names.join(', ') })];
    if (name !== '') lines.unshift(text('act.notSaved', { name: plain(name ?? '', 60) }));
    const choices = names.map((one) => ({ value: `publish ${one}`, label: one }));
    return { kind: name === '' ? 'list' : 'refused', topics: [], lines, choices };
  }

  /** What all that hear the same can do, as an answer. */
  help(said: Said, help: Help): Answer {
    return this.limited({ kind: 'list', topics: [], ...help }, said);
  }

  private helpOf(speaker: Speaker): Help {
    const names = this.acts.namesFor(speaker);
    const [name] = names;
    const orders = name === undefined ? [] : [text('act.help', { names: names.join(', '), name })];
    const saved = this.acts.savedFor(speaker);
    const publishing = saved.length === 0 ? [] : [text('act.helpSaved', { names: saved.join(', ') })];
    const asking = this.answerer.help();
    const examples = [...(asking.length > 0 ? ['topics'] : []), ...(saved.length > 0 ? ['publish'] : [])];
    return {
      lines: [...asking, ...orders, ...publishing],
      choices: examples.map((value) => ({ value, label: value })),
    };
  }

  /** A person who says the same again and again may be a machine that answers us. */
  private limited(answer: Answer, { person, text: said, steady }: Said): Answer {
    const told = {
      text: JSON.stringify([answer.kind, answer.topics]),
      understood: answer.kind !== 'refused',
    };
    const decision = this.limit.admit(person, said, told, steady);
    if (decision === 'none') return { ...answer, isSilent: true, picture: undefined };
    return decision === 'last' ? { ...answer, lines: [...answer.lines, text('answers.enough')] } : answer;
  }
}

/** The command of an alert that a text is; undefined if it is none. */
function commandIn(said: string): string | undefined {
  try {
    return parseText(said).cmd;
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}
