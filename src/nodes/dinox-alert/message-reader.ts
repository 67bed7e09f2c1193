import type { Node, NodeAPI } from 'node-red';
import type { Limits } from '../../alert/limits';
import { LimitsError, readyLimits } from '../../alert/ready-limits';
import { isSameSource, type LimitField, type LimitSource } from '../../alert/rules';
import { type NameIn, text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { CodedError } from '../../base/coded-error';
import type { TextParam } from '../../base/text';
import type { AlertConfig, MessageField } from './config';
import type { LimitLookup } from './field-readings';
import { type Path, parsePath, valueAt } from './message-path';

export type Message = Record<string, unknown>;

/** Maximum run time of a JSONata expression, in milliseconds. */
const JSONATA_MS = 250;
/** Maximum time for a context store to answer it, in milliseconds. */
const STORE_MS = 5_000;
const MAX_KEY_LENGTH = 1_000;

/** What a message lacks, or a field by which it is read. */
export class MessageError extends CodedError<NameIn<'sample'>> {
  override readonly name = 'MessageError';
  constructor(code: NameIn<'sample'>, params?: Readonly<Record<string, TextParam>>, options?: ErrorOptions) {
    super(code, text(`sample.${code}`, params), options);
  }
}

/** Result of `RED.util.prepareJSONataExpression`. */
interface Expression {
  assign(name: string | symbol, value: unknown): void;
}

/** A JSONata expression that cannot run for ever. */
class BoundedJsonata {
  private readonly expression: Expression;
  private end = 0;

  /** @throws if the expression does not compile. */
  constructor(
    private readonly RED: NodeAPI,
    node: Node,
    source: string,
    private readonly clock: Clock,
  ) {
    this.expression = RED.util.prepareJSONataExpression(source, node) as unknown as Expression;
    const check = (): void => {
      if (this.clock.steady() > this.end) throw tooLong(JSONATA_MS);
    };
    // JSONata calls it before each step, under one name or the other, depending on its version.
    this.expression.assign('__evaluate_entry', check);
    this.expression.assign(Symbol.for('jsonata.__evaluate_entry'), check);
  }

  /** Evaluates the expression. Calls must not overlap. */
  run(msg: Message): Promise<unknown> {
    this.end = this.clock.steady() + JSONATA_MS;
    return new Promise((resolve, reject) => {
      // A context store may never answer.
      const stop = this.clock.after(STORE_MS, () => reject(tooLong(STORE_MS)));
      this.RED.util.evaluateJSONataExpression(
        this.expression as never,
        msg as never,
        ((error: unknown, value: unknown) => {
          stop();
          if (error) reject(fault(error));
          else resolve(value);
        }) as never,
      );
    });
  }
}

const tooLong = (ms: number): MessageError => new MessageError('jsonataTime', { ms: String(ms) });

function fault(error: unknown): MessageError {
  if (error instanceof MessageError) return error;
  return new MessageError('jsonata', { reason: reasonOf(error) }, { cause: error });
}

/** JSONata throws objects that are no errors. */
function reasonOf(error: unknown): string {
  const { message } = error as { message?: string };
  return String(message ?? error).slice(0, 200);
}

/** A message's content before it is read as a value. */
export interface SampleMessage {
  key: string;
  raw: unknown;
  limits: Limits | undefined;
  /** Why all limits or the critical ones are missing. Everything that does not depend on them goes on. */
  fault?: MessageError | undefined;
}

/** Finds key, value and limits in messages, as the node's fields say. */
export class MessageReader {
  /** True if it needs JSONata, which answers later. */
  readonly isSlow: boolean;
  private readonly property: BoundedJsonata | undefined;
  private readonly keyBy: BoundedJsonata | undefined;
  private readonly paths = new Map<string, Path>();
  private last: { source: LimitSource; limits: Limits } | undefined;

  /** @throws MessageError if a JSONata expression does not compile */
  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly config: AlertConfig,
    clock: Clock,
  ) {
    const jsonata = (source: MessageField, field: string): BoundedJsonata | undefined => {
      if (source.from !== 'jsonata') return undefined;
      try {
        return new BoundedJsonata(RED, node, source.expression, clock);
      } catch (error) {
        throw new MessageError('jsonataSyntax', { field, reason: reasonOf(error) });
      }
    };
    this.property = jsonata(config.property, 'property');
    this.keyBy = jsonata(config.keyBy, 'keyBy');
    this.isSlow = this.property !== undefined || this.keyBy !== undefined;
    for (const { type, value } of config.lookups) {
      if (type === 'msg') this.paths.set(value, parsePath(value.replace(/^msg\./, '')));
    }
  }

  /** @throws MessageError */
  find(msg: Message): SampleMessage {
    const { property, keyBy } = this.config;
    return {
      key: this.key(keyBy.from === 'path' ? valueAt(msg, keyBy.path) : msg.topic),
      raw: property.from === 'path' ? valueAt(msg, property.path) : undefined,
      ...this.limits(msg),
    };
  }

  /** As {@link find}, with JSONata. Rejects with MessageError. */
  async findSlowly(msg: Message): Promise<SampleMessage> {
    const { property, keyBy } = this.config;
    const key = this.keyBy
      ? await this.keyBy.run(msg)
      : keyBy.from === 'path'
        ? valueAt(msg, keyBy.path)
        : msg.topic;
    const raw = this.property
      ? await this.property.run(msg)
      : property.from === 'path'
        ? valueAt(msg, property.path)
        : undefined;
    return { key: this.key(key), raw, ...this.limits(msg) };
  }

  private key(value: unknown): string {
    if (this.config.keyBy.from === 'none') return '';
    if (typeof value === 'string' && value !== '' && value.length <= MAX_KEY_LENGTH) return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (value === undefined || value === null || value === '') throw new MessageError('keyMissing');
    if (typeof value === 'string') throw new MessageError('keyLong', { length: String(value.length) });
    throw new MessageError('keyType', { type: Array.isArray(value) ? 'array' : typeof value });
  }

  /** Limits that are looked up for each message; undefined if the node's own apply, or if they are missing. */
  private limits(msg: Message): Pick<SampleMessage, 'limits' | 'fault'> {
    const { lookups, rules } = this.config;
    if (lookups.length === 0) return NODES_OWN;
    const source: LimitSource = { ...rules.limits };
    let fault: MessageError | undefined;
    for (const lookup of lookups) {
      const { field } = lookup;
      try {
        const value = this.lookUp(lookup, msg);
        if (field === 'limit') source.limit = value as LimitSource['limit'];
        else source[field] = value as number;
      } catch (error) {
        fault ??= error as MessageError;
        // Without a critical limit, the other one still applies.
        if (!isCriticalField(field)) return { limits: undefined, fault };
      }
    }
    try {
      return { limits: this.ready(source), fault };
    } catch (error) {
      fault ??= limitsFault(error);
    }
    try {
      const { critical: _, critical2: __, ...without } = source;
      return { limits: this.ready(without), fault };
    } catch {
      return { limits: undefined, fault };
    }
  }

  /** @throws LimitsError */
  private ready(source: LimitSource): Limits {
    const { last } = this;
    const { condition, hysteresis } = this.config.rules;
    if (last && isSameSource(last.source, source)) return last.limits;
    const limits = readyLimits(condition, source, hysteresis);
    // Kept as given, not as read, because the next ones are compared with that.
    this.last = { source, limits: { ...limits, source: numbersOf(limits, source) } };
    return this.last.limits;
  }

  private lookUp({ type, value, field }: LimitLookup, msg: Message): unknown {
    if (type === 'msg') return valueAt(msg, this.paths.get(value) ?? []);
    try {
      return this.RED.util.evaluateNodeProperty(value, type, this.node, msg as never);
    } catch (error) {
      throw new MessageError('lookup', { field, reason: (error as Error).message.slice(0, 200) });
    }
  }
}

const NODES_OWN = { limits: undefined };

const isCriticalField = (field: LimitField): boolean => field === 'critical' || field === 'critical2';

function limitsFault(error: unknown): MessageError {
  if (!(error instanceof LimitsError)) throw error;
  return new MessageError('limits', { problem: error.text }, { cause: error });
}

/** Limits that came as text become numbers, for display. */
function numbersOf(limits: Limits, source: LimitSource): LimitSource {
  if (limits.text !== '') return source;
  const number = (value: number | undefined): number | undefined =>
    value === undefined ? undefined : Number(value);
  return {
    limit: Number.isNaN(limits.low) ? source.limit : limits.low,
    limit2: number(source.limit2),
    critical: number(source.critical),
    critical2: number(source.critical2),
  };
}
