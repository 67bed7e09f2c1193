/** Answers questions about topics. It knows what may be read, the names that people gave, and the lists they were shown. */
import { BoundedMap } from '../base/bounded-map';
import { text } from '../base/catalogue';
import type { Text } from '../base/text';
import { DAY, MINUTE } from '../base/time-units';
import { answerOf } from '../history/formats/answer';
import type { History } from '../history/history';
import { type Recorded, recordedOf } from '../history/recorded';
import type { TopicRow } from '../topics/topic-row';
import { Aliases } from './aliases';
import { type KnownValue, lengthText, nameOf, shortNameOf, unitOf, valueText } from './answer-texts';
import type { Scalar } from './json-values';
import { type Question, readQuestion, type Wanted } from './question';
import { type KnownTopics, type Subject, TopicIndex } from './topic-index';
import { meaningsOf, wordsOf } from './words';

/** What is recorded of a connection. */
export interface HomeValues extends KnownTopics {
  readonly history: History;
  row(topic: string): TopicRow | undefined;
  /** Values in the JSON of the last payload. */
  valuesOf(topic: string): ReadonlyMap<string, Scalar>;
  /** Key of the history. */
  keyOf(topic: string, field: string | undefined): string;
}

/** What somebody said. */
export interface Asked {
  text: string;
  /** The sender: a bare JID; of an occupant of a room, with the nick. */
  person: string;
  /** Where the answer goes. */
  chat: string;
  /** Milliseconds since the epoch, and of the steady clock. */
  now: number;
  steady: number;
}

/** A text that somebody can answer with one tap. */
export interface Choice {
  value: string;
  label: string;
}

/** `msg.answered`, before it becomes words. */
export interface Answer {
  kind: 'value' | 'chart' | 'list' | 'act' | 'refused';
  topics: string[];
  /** One below the other. */
  lines: Text[];
  /** What can be answered with one tap: a text, and what stands on it. */
  choices?: readonly Choice[] | undefined;
  /** Draws a PNG. */
  picture?: (() => Buffer) | undefined;
  /** What the log is to say. */
  log?: Text | undefined;
  /** Nothing is said: it was said too often. */
  isSilent?: true;
}

/** Entries of a list, and of keys in one chart. */
const MAX_LISTED = 9;
const MAX_DRAWN = 3;
/** Lists that are remembered, and for how long, in milliseconds. */
const MAX_LISTS = 500;
const LIST_MS = 5 * MINUTE;

interface ShownList extends Wanted {
  subjects: readonly Subject[];
  /** Milliseconds of the steady clock. */
  at: number;
}

export class Answerer {
  private readonly index: TopicIndex;
  private readonly lists = new BoundedMap<string, ShownList>(MAX_LISTS);

  constructor(
    private readonly filters: readonly string[],
    private readonly values: HomeValues,
    private readonly aliases: Aliases,
  ) {
    this.index = new TopicIndex(filters, {
      topics: () => values.topics(),
      fieldsOf: (topic) => values.fieldsOf(topic),
      nameOf: (topic) => {
        const [name, alias] = [values.nameOf(topic), aliases.of(topic)];
        return alias === undefined ? name : { topic, ...name, name: `${alias} ${name?.name ?? ''}` };
      },
      discoveryPrefix: values.discoveryPrefix,
      get namesVersion() {
        return `${values.namesVersion} ${aliases.version}`;
      },
    });
  }

  /** The answer; undefined if it is no question about a topic that may be read. */
  answer(asked: Asked): Answer | undefined {
    const question = readQuestion(asked.text);
    return question && this.filters.length > 0 ? this.answerTo(question, asked) : undefined;
  }

  private answerTo(question: Question, asked: Asked): Answer | undefined {
    switch (question.kind) {
      case 'about':
        return this.about(question, asked);
      case 'pick':
        return this.pick(question, asked);
      case 'call':
        return this.call(question.said, asked);
      case 'list': {
        const subjects = this.index.all(asked.steady);
        if (subjects.length === 0) return refused(text('answers.nothingYet'));
        return this.list(subjects, subjects.length, { form: 'value', span: undefined }, asked);
      }
      default:
        return undefined;
    }
  }

  /** What can be asked, for people. */
  help(): Text[] {
    return this.filters.length > 0 ? [text('answers.help'), text('answers.helpCall')] : [];
  }

  private about(question: Question & { kind: 'about' }, asked: Asked): Answer | undefined {
    const { subjects, count } = this.index.find(question.words, asked.steady);
    const named = subjects.filter(({ topic }) => isSameWords(this.aliases.of(topic), question.words));
    // A name that somebody gave comes first, and hides nothing that is called the same by itself.
    const others = named.length > 0 ? subjects.filter((one) => this.isCalled(one, question.words)) : subjects;
    const called = [...named, ...others.filter((one) => !named.includes(one))];
    const [first, second] = called;
    if (!first) return undefined;
    if (!second) return this.tell([first], question, asked);
    const all = named.length > 0 ? called.length : count;
    if (question.form !== 'value' && all <= MAX_DRAWN) return this.tell(called, question, asked);
    return this.list(called, all, question, asked);
  }

  /** True if a topic is called so by its device, or by the end of its own name. */
  private isCalled({ topic, field }: Subject, words: readonly string[]): boolean {
    if (field !== undefined) return false;
    const own = [this.values.nameOf(topic)?.name, topic.slice(topic.lastIndexOf('/') + 1)];
    return own.some((name) => isSameWords(name, words));
  }

  private pick(question: Question & { kind: 'pick' }, asked: Asked): Answer | undefined {
    const shown = this.shownTo(asked);
    const subject = shown?.subjects[question.number - 1];
    if (!shown || !subject) return undefined;
    const isPlain = question.form === 'value';
    const form = isPlain ? (shown.form === 'value' ? 'line' : shown.form) : question.form;
    return this.tell([subject], { form, span: question.span ?? shown.span }, asked);
  }

  private shownTo({ person, chat, steady }: Asked): ShownList | undefined {
    const shown = this.lists.get(JSON.stringify([person, chat]));
    return shown && steady - shown.at < LIST_MS ? shown : undefined;
  }

  private list(subjects: readonly Subject[], count: number, wanted: Wanted, asked: Asked): Answer {
    const listed = subjects.slice(0, MAX_LISTED);
    this.lists.set(JSON.stringify([asked.person, asked.chat]), {
      ...{ subjects: listed, form: wanted.form, span: wanted.span, at: asked.steady },
    });
    const lines = listed.map((subject, at) =>
      text('answers.item', { number: at + 1, said: valueText(subject, this.known(subject), asked.now) }),
    );
    const more = count - listed.length;
    lines.push(more > 0 ? text('answers.more', { count: more }) : text('answers.choose'));
    const choices = listed.map((subject, at) => ({
      value: String(at + 1),
      label: `${at + 1} ${shortNameOf(subject, this.known(subject))}`,
    }));
    return { kind: 'list', topics: topicsOf(listed), lines, choices };
  }

  private tell(subjects: readonly Subject[], { form, span }: Wanted, asked: Asked): Answer {
    const lines: Text[] = [];
    const drawn: Recorded[] = [];
    const { history } = this.values;
    const period = Math.min(span ?? DAY, history.span);
    for (const subject of subjects) {
      const known = this.known(subject);
      lines.push(valueText(subject, known, asked.now));
      if (form === 'value') continue;
      const recorded = this.recorded(subject, known, period, asked.now);
      drawn.push(...recorded);
      const time = lengthText(period);
      if (recorded.length === 0) lines.push(text('answers.nothingRecorded', { time }));
      for (const one of recorded) {
        const { payload } = answerOf([{ ...one, points: 24 }], 'line', false);
        lines.push(text('answers.line', { line: String(payload), time }));
      }
    }
    if (form !== 'value' && span !== undefined && span > period)
      lines.push(text('answers.keptOnly', { time: lengthText(period) }));
    const isChart = form === 'chart' && drawn.length > 0;
    return {
      kind: isChart ? 'chart' : 'value',
      topics: topicsOf(subjects),
      lines,
      picture: isChart ? () => answerOf(drawn, 'png', true).payload as Buffer : undefined,
    };
  }

  /** What was recorded of a subject: of an object, its first numbers. */
  private recorded(subject: Subject, known: KnownValue, period: number, now: number): Recorded[] {
    const { history } = this.values;
    const { topic, field } = subject;
    const fields = field === undefined ? [undefined, ...known.values.keys()] : [field];
    const kept = fields.filter((one) => history.has(this.values.keyOf(topic, one))).slice(0, MAX_DRAWN);
    const question = { from: now - period, to: now, points: undefined, format: 'png' as const };
    return kept
      .map((one) => {
        const about = { topic, field: one };
        const unit = unitOf(about, known);
        const looks = { title: nameOf(about, known), ...(unit !== '' && { unit }) };
        return recordedOf(history, { key: this.values.keyOf(topic, one), ...about, looks }, question, now);
      })
      .filter(({ isText, series }) => isText || series.count.some((count) => count > 0));
  }

  private known({ topic }: Subject): KnownValue {
    const { values, aliases } = this;
    return {
      ...{ row: values.row(topic), values: values.valuesOf(topic) },
      ...{ name: values.nameOf(topic), alias: aliases.of(topic) },
    };
  }

  /** `zigbee2mqtt/0x00158d corridor`, or a number of the list instead of the topic; without a name it is forgotten. */
  private call(said: string, asked: Asked): Answer | undefined {
    const parts = said.split(/\s+/);
    const [first = ''] = parts;
    const listed = /^\d{1,2}$/.test(first) ? this.shownTo(asked)?.subjects[Number(first) - 1] : undefined;
    let topic = listed?.topic;
    let name = parts.slice(1).join(' ');
    for (let length = parts.length; length > 0 && topic === undefined; length--) {
      const given = parts.slice(0, length).join(' ');
      if (!this.index.has(given, asked.steady)) continue;
      topic = given;
      name = parts.slice(length).join(' ');
    }
    // `Call me later` names no topic.
    if (topic === undefined)
      return first.includes('/') ? refused(text('answers.noTopic', { topic: first })) : undefined;
    const before = this.aliases.of(topic);
    const { person } = asked;
    if (name === '') {
      if (before === undefined) return refused(text('answers.noName', { topic }), topic);
      this.aliases.set(topic, '');
      const line = text('answers.notCalled', { topic, name: before });
      return { kind: 'list', topics: [topic], lines: [line], log: text('answers.log', { person, line }) };
    }
    if (!Aliases.isName(name)) return refused(text('answers.badName', { name: name.slice(0, 60) }), topic);
    this.aliases.set(topic, name);
    const lines = [text('answers.called', { topic, name })];
    if (before !== undefined && before !== name) lines.push(text('answers.calledBefore', { name: before }));
    const log = text('answers.log', { person, line: text('answers.called', { topic, name }) });
    return { kind: 'list', topics: [topic], lines, log };
  }
}

/** @param words as in a question */
function isSameWords(name: string | undefined, words: readonly string[]): boolean {
  return name !== undefined && meaningsOf(wordsOf(name)).join(' ') === words.join(' ');
}

const topicsOf = (subjects: readonly Subject[]): string[] => [...new Set(subjects.map(({ topic }) => topic))];

function refused(line: Text, topic?: string): Answer {
  return { kind: 'refused', topics: topic === undefined ? [] : [topic], lines: [line] };
}
