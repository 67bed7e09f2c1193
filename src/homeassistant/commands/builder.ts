import { text } from '../../base/catalogue';
import { plain } from '../../base/printable';
import type { Entity } from '../entity';
import type { Current } from '../states/entity-state';
import { toValue } from '../templates/payload';
import { str } from '../templates/show';
import type { Templates } from '../templates/template';
import { Float } from '../templates/values';
import { EntityCommandError } from './errors';
import type { Said } from './said';

/** What is to be published. */
export interface CommandPublication {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

/** What the entity will be, as far as the command says it. */
export interface Expectation {
  state?: Current['payload'];
  attributes: Record<string, unknown>;
}

export interface CommandContext {
  readonly templates: Templates;
  /** What the entity is now. */
  readonly current: Current;
}

/** Makes the publications of one command. */
export class CommandBuilder {
  readonly publications: CommandPublication[] = [];
  readonly expects: Expectation = { attributes: {} };

  constructor(
    readonly entity: Entity,
    readonly said: Said,
    private readonly context: CommandContext,
  ) {}

  get current(): Current {
    return this.context.current;
  }

  has(topic: string): boolean {
    return this.entity.commandTopic(topic) !== undefined;
  }

  /** Publishes a value to the topic of this property, through its template where there is one. */
  send(
    topic: string,
    template: string,
    value: unknown,
    variables: Readonly<Record<string, unknown>> = {},
  ): void {
    this.publish(topic, this.rendered(template, value, variables));
  }

  publish(topic: string, payload: string): void {
    const name = this.entity.commandTopic(topic);
    if (name === undefined) throw this.unknown();
    this.publications.push({
      topic: name,
      payload,
      qos: this.entity.qos,
      retain: this.entity.flag('retain'),
    });
  }

  /** What the template of this property makes of it; without one, the value as Home Assistant writes it. */
  rendered(template: string, value: unknown, variables: Readonly<Record<string, unknown>> = {}): string {
    const source = this.entity.text(template);
    if (source === undefined) return str(toValue(value ?? null));
    const { entityId, name } = this.entity;
    const rendered = this.context.templates
      .read(source)
      .ofValues({ value, entity_id: entityId, name, ...variables });
    if ('text' in rendered) return rendered.text;
    const params = { entity: this.entity.name, why: rendered.error.text };
    throw new EntityCommandError('template', text('entity.template', params), { cause: rendered.error });
  }

  /** Expects the state, where it says one at all. */
  willBe(state: Current['payload']): void {
    this.expects.state = state;
  }

  willHave(name: string, value: unknown): void {
    this.expects.attributes[name] = value;
  }

  /** A number between these limits. Throws for anything else. */
  number(value: unknown, name: string, low: number, high: number): number {
    const number =
      typeof value === 'number'
        ? value
        : typeof value === 'string' && value.trim() !== ''
          ? Number(value)
          : Number.NaN;
    if (!Number.isFinite(number)) throw this.unreadable(value, name);
    if (number < low || number > high)
      throw new EntityCommandError(
        'range',
        text('entity.range', { entity: this.entity.name, name, value: number, low, high }),
      );
    return number;
  }

  /** The same as a Python float, which templates and payloads show as `21.0`. */
  float(value: unknown, name: string, low: number, high: number): Float {
    return new Float(this.number(value, name, low, high));
  }

  /** One of these words; capital letters do not matter. Throws for anything else. */
  option(value: unknown, name: string, allowed: readonly string[]): string {
    const wanted = shown(value);
    const found =
      allowed.find((one) => one === wanted) ??
      allowed.find((one) => one.toLowerCase() === wanted.toLowerCase());
    if (found !== undefined) return found;
    const params = {
      entity: this.entity.name,
      name,
      value: plain(wanted),
      allowed: allowed.slice(0, 30).join(', '),
    };
    throw new EntityCommandError('value', text('entity.option', params));
  }

  flag(value: unknown, name: string): boolean {
    if (typeof value === 'boolean') return value;
    const word = shown(value).toLowerCase();
    if (['on', 'true', 'yes', '1'].includes(word)) return true;
    if (['off', 'false', 'no', '0'].includes(word)) return false;
    throw this.unreadable(value, name);
  }

  /** Throws for fields that nobody of this component knows, so that nothing is done that was only half understood. */
  known(...names: readonly string[]): void {
    for (const name of this.said.fields.keys())
      if (!names.includes(name))
        throw new EntityCommandError(
          'unknown',
          text('entity.field', {
            entity: this.entity.name,
            name: plain(name),
            known: names.join(', ') || '–',
          }),
        );
  }

  /** `toggle` by the state; on and off as they are. Throws where there is nothing to toggle. */
  isOn(word: string): boolean | undefined {
    if (word === 'on' || word === '1') return true;
    if (word === 'off' || word === '0') return false;
    if (word !== 'toggle') return undefined;
    if (typeof this.current.payload === 'boolean') return !this.current.payload;
    throw new EntityCommandError('value', text('entity.toggle', { entity: this.entity.name }));
  }

  /** The error for a command that this entity does not have. `known`: those that it has. */
  unknown(...known: readonly string[]): EntityCommandError {
    const { said, entity } = this;
    const what = said.word || shown(said.value) || [...said.fields.keys()].join(', ');
    return new EntityCommandError(
      'unknown',
      text('entity.unknown', { entity: entity.name, said: plain(what), known: known.join(', ') || '–' }),
    );
  }

  unreadable(value: unknown, name: string): EntityCommandError {
    return new EntityCommandError(
      'value',
      text('entity.value', { entity: this.entity.name, name, value: plain(shown(value)) }),
    );
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value);
  try {
    return JSON.stringify(value).slice(0, 100);
  } catch {
    // It holds itself, or a number that JSON has not.
    return '{…}';
  }
}
