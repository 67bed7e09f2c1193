import type { AlertFacts } from '../../alert/message-texts';
import { oneLine } from '../../base/printable';
import type { TemplateError } from '../../homeassistant/templates/errors';
import type { MessageTemplate } from '../../homeassistant/templates/message-template';
import { MessageError } from './message-reader';

/** Most characters and lines of a message: more than anybody reads, and less than a server refuses. */
const MAX_CHARACTERS = 2_000;
const MAX_LINES = 20;
const MAX_VALUE = 300;

/**
 * The lines of an alert's message; undefined: the template does not fit it, and `failed` hears why. Nothing that comes from
 * outside may begin a line of its own.
 */
export function ownMessage(
  template: MessageTemplate,
  facts: AlertFacts,
  failed: (why: TemplateError) => void,
): string[] | undefined {
  const values = valuesOf(facts);
  const filled = template.fill((name) => (Object.hasOwn(values, name) ? values[name] : undefined), shown);
  if ('error' in filled) {
    failed(filled.error);
    return undefined;
  }
  const lines = filled.text.slice(0, MAX_CHARACTERS).split('\n').slice(0, MAX_LINES);
  // A message without words would ring, and say nothing.
  return lines.every((line) => line.trim() === '') ? undefined : lines;
}

/** The messages of a node, and what was wrong with the last one. */
export class OwnMessages {
  private isSampling = false;
  private fault: Error | undefined;

  constructor(
    private readonly template: MessageTemplate | undefined,
    /** Called for an alert that no sample has raised. */
    private readonly failed: (why: Error) => void,
  ) {}

  /** A sample is taken until {@link takeFault} is asked: it fails for a message about it. */
  begin(): void {
    this.isSampling = this.template !== undefined;
    this.fault = undefined;
  }

  takeFault(): Error | undefined {
    this.isSampling = false;
    return this.fault;
  }

  of(facts: AlertFacts): readonly string[] | undefined {
    if (!this.template) return undefined;
    return ownMessage(this.template, facts, (why) => {
      const fault = new MessageError('message', { why: why.text }, { cause: why });
      if (this.isSampling) this.fault = fault;
      else this.failed(fault);
    });
  }
}

const shown = (written: string): string => oneLine(written.slice(0, MAX_VALUE));

function valuesOf({
  event,
  limits,
  text,
  title,
  value,
  limit,
  duration,
}: AlertFacts): Record<string, unknown> {
  return {
    name: title,
    key: event.key,
    topic: event.key,
    value: event.value,
    unit: event.unit,
    value_with_unit: value,
    limit: limits?.source.limit,
    limit2: limits?.source.limit2,
    limit_with_unit: limit,
    severity: event.severity,
    reason: event.reason,
    duration,
    number: event.number,
    text,
  };
}
