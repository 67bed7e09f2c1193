/** What may be done with alerts, as forms (XEP-0050): the same commands as in chat, and the same answers. */
import { CommandError } from '../../alert/command-words';
import { type Asker, type Command, parseText } from '../../alert/commands';
import { jointAnswers } from '../../alert/joint-answers';
import { oneLine } from '../../base/printable';
import type { ReadText, Translate } from '../../base/translate';
import type { OfferedCommand, Stage } from '../../xmpp/commands/command-service';
import type { Form, FormField } from '../../xmpp/commands/form';
import type { AlertBehind } from './alerts-behind';

/** Alerts, and nodes, that a form offers. */
const MAX_OFFERED = 50;
/** Characters of a name. */
const MAX_NAME = 80;
/** Value of the choice that means every alert: ids are hexadecimal. */
const ALL = 'all';

/** Prefix of the nodes of the commands: `dinox-alert/status`, … */
const PREFIX = 'dinox-alert/';

export interface AlertFormTools {
  translate: Translate;
  read: ReadText;
}

/**
 * The commands of a person.
 * @param alerts those that hear him
 */
export function alertForms(
  alerts: readonly AlertBehind[],
  asker: Asker,
  tools: AlertFormTools,
): OfferedCommand[] {
  if (alerts.length === 0) return [];
  const forms = new AlertForms(alerts, asker, tools);
  const named = (cmd: 'status' | 'ack' | 'silence' | 'set', start: () => Stage): OfferedCommand => ({
    node: `${PREFIX}${cmd}`,
    name: tools.translate(`adhoc.name.${cmd}`),
    start,
  });
  return [
    named('status', () => forms.obey({ cmd: 'status' })),
    named('ack', () => forms.acknowledge()),
    named('silence', () => forms.silence()),
    ...(forms.settable.length > 0 ? [named('set', () => forms.set())] : []),
  ];
}

class AlertForms {
  constructor(
    private readonly alerts: readonly AlertBehind[],
    private readonly asker: Asker,
    private readonly tools: AlertFormTools,
  ) {}

  /** Alerts whose limits may be set from a chat. */
  get settable(): AlertBehind[] {
    return this.alerts.filter(({ commands }) => commands.mayChat('set') && commands.limits().length > 0);
  }

  /** Obeys a command as if it had been written. */
  obey(command: Command): Stage {
    const answers = jointAnswers(
      this.alerts.map(({ commands }) => commands),
      command,
      this.asker,
    );
    const done = answers.map(({ answer }) => answer.text).join('\n');
    return { done, isError: !answers.some(({ answer }) => answer.ok) };
  }

  acknowledge(): Stage {
    const { translate } = this.tools;
    const options = this.open();
    const [first] = options;
    if (!first) return { done: translate('adhoc.noneOpen') };
    const fields: FormField[] = [
      { name: 'alert', label: translate('adhoc.field.alert'), value: first.value, required: true, options },
      { name: 'details', label: translate('adhoc.field.details') },
    ];
    return this.form('ack', fields, (values) =>
      this.readAndObey(() => {
        const typed = `ok ${values.get('details') ?? ''}`.trim();
        const command = parseText(typed);
        // A number in the note would be another alert.
        if (command.cmd !== 'ack' || command.which) throw new CommandError('unknown', { text: typed });
        return { ...command, which: { id: this.chosen(values, options) } };
      }),
    );
  }

  silence(): Stage {
    const { translate } = this.tools;
    const options = [{ label: translate('adhoc.all'), value: ALL }, ...this.open()];
    const fields: FormField[] = [
      { name: 'alert', label: translate('adhoc.field.alert'), value: ALL, required: true, options },
      { name: 'for', label: translate('adhoc.field.for'), value: '1h', required: true },
    ];
    return this.form('silence', fields, (values) =>
      this.readAndObey(() => {
        const typed = `silence ${values.get('for') ?? ''}`.trim();
        const command = parseText(typed);
        // A word that is no time would be a part of a key.
        if (command.cmd !== 'silence' || command.which || command.filter !== undefined)
          throw new CommandError('duration', { text: values.get('for') ?? '' });
        const id = this.chosen(values, options);
        return id === ALL ? command : { ...command, which: { id } };
      }),
    );
  }

  set(): Stage {
    const { translate } = this.tools;
    const settable = this.settable.slice(0, MAX_OFFERED);
    const [only] = settable;
    if (only && settable.length === 1) return this.setAt(only);
    const options = settable.map(({ id, commands }) => ({ label: shortly(commands.name), value: id }));
    const fields: FormField[] = [
      {
        ...{ name: 'node', label: translate('adhoc.field.node'), required: true, options },
        ...(only && { value: only.id }),
      },
    ];
    const submit = (values: ReadonlyMap<string, string>): Stage => {
      const node = this.settable.find(({ id }) => id === values.get('node'));
      return node ? this.setAt(node) : { done: translate('adhoc.gone'), isError: true };
    };
    return { form: this.formOf('set', fields), isLast: false, submit };
  }

  /** The limits of one node. Those that stay as they are are not touched. */
  private setAt({ commands }: AlertBehind): Stage {
    const before = new Map(commands.limits().map(({ field, value }) => [field, value]));
    const fields = [...before].map(
      ([name, value]): FormField => ({ name, label: `${shortly(commands.name)}: ${name}`, value }),
    );
    return this.form('set', fields, (values) => {
      const changed = [...before].filter(([field, value]) => {
        const typed = values.get(field);
        return typed !== undefined && typed !== '' && typed !== value;
      });
      if (changed.length === 0) return { done: this.tools.translate('adhoc.unchanged') };
      const answers = changed.map(([field]) =>
        commands.command({ cmd: 'set', field, value: values.get(field) ?? '' }, this.asker),
      );
      return { done: answers.map(({ text }) => text).join('\n'), isError: answers.some(({ ok }) => !ok) };
    });
  }

  private form(
    cmd: string,
    fields: readonly FormField[],
    submit: (values: ReadonlyMap<string, string>) => Stage,
  ): Stage {
    return { form: this.formOf(cmd, fields), isLast: true, submit };
  }

  private formOf(cmd: string, fields: readonly FormField[]): Form {
    const { translate } = this.tools;
    return { title: translate(`adhoc.name.${cmd}`), instructions: translate(`adhoc.hint.${cmd}`), fields };
  }

  private readAndObey(read: () => Command): Stage {
    try {
      return this.obey(read());
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return { done: this.tools.read(error.text), isError: true };
    }
  }

  /** @throws CommandError for what was not offered */
  private chosen(values: ReadonlyMap<string, string>, options: readonly { value: string }[]): string {
    const value = values.get('alert');
    if (value !== undefined && options.some((one) => one.value === value)) return value;
    throw new CommandError('unknown', { text: (value ?? '').slice(0, MAX_NAME) });
  }

  /** The open alerts, the newest first. */
  private open(): { label: string; value: string }[] {
    return this.alerts
      .flatMap(({ commands }) =>
        commands.open().map(({ id, number, key, startedAt = 0 }) => ({
          label: `#${number} ${shortly(commands.shown(key))}: ${commands.shownValue(key)}`,
          ...{ value: id ?? '', startedAt },
        })),
      )
      .sort((a, b) => b.startedAt - a.startedAt)
      .slice(0, MAX_OFFERED)
      .map(({ label, value }) => ({ label, value }));
  }
}

function shortly(text: string): string {
  const line = oneLine(text);
  return line.length > MAX_NAME ? `${line.slice(0, MAX_NAME)}…` : line;
}
