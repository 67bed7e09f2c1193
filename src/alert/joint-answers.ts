import type { AckCommand } from './ack-commands';
import { MAX_CHARTS } from './chart-command';
import type { AlertCommands, CommandAnswer } from './command-handler';
import { shownWhich } from './command-words';
import { type Asker, aboutOf, type Command } from './commands';
import { listed } from './message-texts';
import { pastText } from './past-command';
import { matchesFilter } from './silences';
import { type Overview, overviewText } from './status-overview';

/** An answer, and the node at which it leaves. */
export interface NodeAnswer {
  commands: AlertCommands;
  answer: CommandAnswer;
}

/** The exclusive choice of an alert among those that hear the same, or the answer why there is none. */
type Chosen = readonly AlertCommands[] | NodeAnswer;

/**
 * Handles a text that one bot gets and several alerts hear. It is one command with one answer (`chart`: one per
 * picture), at the node that it is about, else at the first.
 * @param others alerts of this Node-RED that do not hear it: a sender who means one of them is told so
 */
export function jointAnswers(
  alerts: readonly AlertCommands[],
  command: Command,
  asker: Asker,
  others: readonly AlertCommands[] = [],
): NodeAnswer[] {
  const [first] = alerts;
  if (!first) return [];
  const about = aboutOf(command);
  const isHere = alerts.some((commands) => commands.meant(about) > 0);
  const away = isHere ? undefined : others.find((commands) => commands.meant(about) > 0);
  if (away) {
    const which = about.which ? shownWhich(about.which) : (about.filter ?? '');
    return [refusal(first, command.cmd, 'answer.elsewhere', { which, name: away.name })];
  }
  const chosen = choose(alerts, command, asker);
  if ('answer' in chosen) return [chosen];
  const [only = first] = chosen;
  const asked = command.cmd === 'set' ? withoutName(command, alerts) : command;
  if (chosen.length === 1 && command.cmd !== 'help')
    return [{ commands: only, answer: only.command(asked, asker) }];
  const all = chosen.map((commands): NodeAnswer => ({ commands, answer: commands.command(asked, asker) }));
  switch (command.cmd) {
    case 'help':
      return [{ commands: first, answer: helpOf(alerts, asker) }];
    case 'status':
      return [statusOf(all)];
    case 'chart':
      return chartsOf(all);
    case 'history':
      return [historyOf(all, command.filter)];
    case 'enable':
    case 'disable':
    case 'reset':
      return merged(all, true);
    default:
      return merged(all, false);
  }
}

/** Those that obey it. */
function choose(alerts: readonly AlertCommands[], command: Command, asker: Asker): Chosen {
  const [first] = alerts as [AlertCommands];
  switch (command.cmd) {
    case 'ack':
    case 'unack':
      if (command.which || asker.alertId !== undefined) return meant(alerts, command);
      return [newest(alerts, command, asker) ?? first];
    case 'silence':
    case 'reset':
    case 'status':
      return meant(alerts, command);
    case 'unsilence':
      return command.which ? meant(alerts, command) : alerts;
    case 'chart': {
      if (command.which || command.filter !== undefined) return meant(alerts, command);
      const open = alerts.filter((commands) => commands.open().length > 0);
      return open.length > 0 ? open : alerts;
    }
    case 'set': {
      const named = alerts.filter((commands) => isNamed(commands, command.value));
      const [one, more] =
        named.length > 0 ? named : alerts.filter((commands) => commands.mayChat('set') || !asker.chat);
      if (one && more) {
        return refusal(first, 'set', 'answer.whichNode', { names: listed(alerts.map(({ name }) => name)) });
      }
      return [one ?? first];
    }
    default:
      return alerts;
  }
}

/** The nodes that have what it is about. If none has, the first one, which says that there is no such thing. */
function meant(alerts: readonly AlertCommands[], command: Command): Chosen {
  const [first] = alerts as [AlertCommands];
  const { which, filter } = aboutOf(command);
  if (!which && filter === undefined) return alerts;
  const key = which?.key ?? (command.cmd === 'chart' ? filter : undefined);
  if (key !== undefined) {
    const exact = alerts.filter((commands) => commands.of(key));
    if (exact.length > 0) return exact;
  }
  if (which?.key !== undefined) {
    const open = alerts
      .flatMap((commands) => commands.open())
      .filter((one) => matchesFilter(one.key, which.key ?? ''));
    if (open.length > 1) {
      const names = open.map((one) => `#${one.number} ${first.shown(one.key)}`);
      return refusal(first, command.cmd, 'answer.several', { which: which.key, names: listed(names) });
    }
  }
  const having = alerts.filter((commands) => commands.meant(aboutOf(command)) > 0);
  return having.length > 0 ? having : [first];
}

function newest(
  alerts: readonly AlertCommands[],
  command: AckCommand,
  asker: Asker,
): AlertCommands | undefined {
  let best: AlertCommands | undefined;
  let age = Number.NEGATIVE_INFINITY;
  for (const commands of alerts) {
    const of = commands.ackRank(command, asker) ?? Number.NEGATIVE_INFINITY;
    if (of > age) [best, age] = [commands, of];
  }
  return best;
}

/** `set limit 25 Freezer`. */
function isNamed({ name }: AlertCommands, value: number | string): boolean {
  return typeof value === 'string' && value.toLowerCase().endsWith(` ${name.toLowerCase()}`);
}

function withoutName(command: Command & { cmd: 'set' }, alerts: readonly AlertCommands[]): Command {
  const named = alerts.find((commands) => isNamed(commands, command.value));
  return named ? { ...command, value: String(command.value).slice(0, -named.name.length - 1) } : command;
}

function refusal(
  commands: AlertCommands,
  cmd: string,
  key: string,
  values: Record<string, string>,
): NodeAnswer {
  const which = { ...values, ...(values.which !== undefined && { which: commands.shown(values.which) }) };
  return { commands, answer: { ok: false, cmd, text: commands.translate(key, which) } };
}

/** The result, once, or the reason if nothing was done. */
function merged(all: readonly NodeAnswer[], named: boolean): NodeAnswer[] {
  const done = all.filter(({ answer }) => answer.ok);
  const [first] = done.length > 0 ? done : all;
  if (!first || done.length === 0) return first ? [first] : [];
  const said = named
    ? all.map(({ commands, answer }) => `${commands.name}: ${answer.text}`)
    : done.map(({ answer }) => answer.text);
  const text = [...new Set(said)].join('\n');
  return [{ commands: first.commands, answer: { ...first.answer, text, alerts: alertsOf(done) } }];
}

function statusOf(all: readonly NodeAnswer[]): NodeAnswer {
  const [{ commands, answer }] = all as [NodeAnswer];
  const parts = all.flatMap((one): Overview[] => (one.answer.overview ? [one.answer.overview] : []));
  return {
    commands,
    answer: { ...answer, text: overviewText(parts, commands.translate), alerts: alertsOf(all) },
  };
}

function historyOf(all: readonly NodeAnswer[], filter: string | undefined): NodeAnswer {
  const [{ commands, answer }] = all as [NodeAnswer];
  const past = all.flatMap((one) => one.answer.past ?? []);
  return { commands, answer: { ...answer, text: pastText(past, filter, commands.translate) } };
}

function chartsOf(all: readonly NodeAnswer[]): NodeAnswer[] {
  const drawn: NodeAnswer[] = [];
  let left = MAX_CHARTS;
  for (const { commands, answer } of all) {
    const chart = answer.chart?.slice(0, left) ?? [];
    left -= chart.length;
    if (chart.length > 0) drawn.push({ commands, answer: { ...answer, chart } });
  }
  return drawn.length > 0 ? drawn : all.slice(0, 1);
}

/** The commands that all of them offer. */
function helpOf(alerts: readonly AlertCommands[], asker: Asker): CommandAnswer {
  const [first] = alerts as [AlertCommands];
  const lines = [first.help(!asker.chat || alerts.some((commands) => commands.mayChat('set')))];
  if (alerts.length > 1)
    lines.push(first.translate('answer.helpNames', { names: listed(alerts.map(({ name }) => name)) }));
  return { ok: true, cmd: 'help', text: lines.join('\n') };
}

const alertsOf = (all: readonly NodeAnswer[]) => all.flatMap(({ answer }) => answer.alerts ?? []);
