/** Commands of covers, valves, vacuums and lawn mowers. */

import type { CommandBuilder } from './builder';

type Make = (builder: CommandBuilder) => void;

/** A place in the range of a device, of 0 to 100. */
function ranged(percent: number, low: number, high: number): number {
  return low + (percent / 100) * (high - low);
}

/** `open_cover` and `open` are the same; `openclose` would be none of them. */
function bare(word: string): string {
  return word.replace(/_(?:cover|valve)(?=_tilt|_position|$)/, '').replace(/^set_position$/, '');
}

const MOVES: ReadonlyMap<string, readonly [string, string, string | undefined]> = new Map([
  ['open', ['payload_open', 'OPEN', 'open']],
  ['close', ['payload_close', 'CLOSE', 'closed']],
  ['stop', ['payload_stop', 'STOP', undefined]],
]);

const cover: Make = (builder) => {
  builder.known('position', 'tilt_position', 'tilt');
  const { entity, said } = builder;
  const { fields } = said;
  const number = /^\d+(?:\.\d+)?$/.test(said.word) ? said.word : undefined;
  const position = fields.get('position') ?? number;
  const tilt = fields.get('tilt_position') ?? fields.get('tilt');
  const [closed, open] = [entity.numberOr('position_closed', 0), entity.numberOr('position_open', 100)];
  const [low, high] = [entity.numberOr('tilt_min', 0), entity.numberOr('tilt_max', 100)];
  const limits = { position_open: open, position_closed: closed, tilt_min: low, tilt_max: high };
  if (position !== undefined) {
    const percent = builder.number(position, 'position', 0, 100);
    builder.send('set_position_topic', 'set_position_template', Math.round(ranged(percent, closed, open)), {
      position: percent,
      ...limits,
    });
    builder.willHave('current_position', percent);
  }
  if (tilt !== undefined) tiltTo(builder, builder.number(tilt, 'tilt_position', 0, 100), limits);
  const word = number === undefined ? bare(said.word) : '';
  if (word === '' && (position !== undefined || tilt !== undefined)) return;
  if (word === 'open_tilt' || word === 'close_tilt') {
    tiltTo(builder, word === 'open_tilt' ? 100 : 0, limits);
    return;
  }
  if (word === 'stop_tilt') {
    builder.publish('tilt_command_topic', entity.textOr('payload_stop_tilt', 'STOP'));
    return;
  }
  move(builder, toggled(builder, word));
};

function tiltTo(
  builder: CommandBuilder,
  percent: number,
  limits: { tilt_min: number; tilt_max: number },
): void {
  const value = Math.round(ranged(percent, limits.tilt_min, limits.tilt_max));
  builder.send('tilt_command_topic', 'tilt_command_template', value, { tilt_position: percent, ...limits });
  builder.willHave('current_tilt_position', percent);
}

function toggled(builder: CommandBuilder, word: string): string {
  if (word !== 'toggle') return word === 'closed' ? 'close' : word;
  return builder.current.payload === 'closed' || builder.current.payload === 'closing' ? 'open' : 'close';
}

function move(builder: CommandBuilder, word: string): void {
  const [property, otherwise, state] = MOVES.get(word) ?? [];
  // A payload of null means that the device cannot do it.
  const cannot = property !== undefined && builder.entity.config[property] === null;
  if (property === undefined || otherwise === undefined || cannot)
    throw builder.unknown(
      'open',
      'close',
      'stop',
      'toggle',
      ...(builder.has('set_position_topic') ? ['0…100'] : []),
    );
  builder.send('command_topic', 'command_template', builder.entity.textOr(property, otherwise));
  if (state !== undefined) builder.willBe(state);
}

const valve: Make = (builder) => {
  builder.known('position');
  const { entity, said } = builder;
  const number = /^\d+(?:\.\d+)?$/.test(said.word) ? said.word : undefined;
  const given = said.fields.get('position') ?? number;
  const word = toggled(builder, bare(said.word));
  if (!entity.flag('reports_position')) {
    if (given !== undefined) throw builder.unknown('open', 'close', 'stop', 'toggle');
    move(builder, word);
    return;
  }
  if (given === undefined && word === 'stop') {
    move(builder, word);
    return;
  }
  const target = given ?? (word === 'open' ? 100 : word === 'close' ? 0 : undefined);
  if (target === undefined) throw builder.unknown('open', 'close', 'stop', '0…100');
  const percent = builder.number(target, 'position', 0, 100);
  const [closed, open] = [entity.numberOr('position_closed', 0), entity.numberOr('position_open', 100)];
  builder.send('command_topic', 'command_template', Math.round(ranged(percent, closed, open)), {
    position: percent,
    position_open: open,
    position_closed: closed,
  });
  builder.willHave('current_position', percent);
};

const VACUUM: ReadonlyMap<string, readonly [string, string, string | undefined]> = new Map([
  ['start', ['payload_start', 'start', 'cleaning']],
  ['on', ['payload_start', 'start', 'cleaning']],
  ['pause', ['payload_pause', 'pause', 'paused']],
  ['stop', ['payload_stop', 'stop', undefined]],
  ['return_to_base', ['payload_return_to_base', 'return_to_base', 'returning']],
  ['dock', ['payload_return_to_base', 'return_to_base', 'returning']],
  ['clean_spot', ['payload_clean_spot', 'clean_spot', undefined]],
  ['locate', ['payload_locate', 'locate', undefined]],
]);

const vacuum: Make = (builder) => {
  builder.known('fan_speed', 'params', 'command');
  const { entity, said } = builder;
  const speed = said.fields.get('fan_speed');
  if (speed !== undefined) {
    builder.publish('set_fan_speed_topic', builder.option(speed, 'fan_speed', entity.list('fan_speed_list')));
    builder.willHave('fan_speed', speed);
  }
  if (speed !== undefined && (said.word === '' || said.word === 'set_fan_speed')) return;
  const command = said.fields.get('command');
  if (said.word === 'send_command' && typeof command === 'string') {
    const params = said.fields.get('params');
    const isObject = typeof params === 'object' && params !== null && !Array.isArray(params);
    builder.publish('send_command_topic', isObject ? JSON.stringify({ command, ...params }) : command);
    return;
  }
  const [property, otherwise, state] = VACUUM.get(said.word) ?? [];
  if (property === undefined || otherwise === undefined) throw builder.unknown(...VACUUM.keys());
  builder.publish('command_topic', entity.textOr(property, otherwise));
  if (state !== undefined) builder.willBe(state);
};

const MOWER: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['start_mowing', ['start_mowing', 'mowing']],
  ['start', ['start_mowing', 'mowing']],
  ['on', ['start_mowing', 'mowing']],
  ['pause', ['pause', 'paused']],
  ['dock', ['dock', 'docked']],
  ['stop', ['stop', 'idle']],
]);

const mower: Make = (builder) => {
  builder.known();
  const [option, state] = MOWER.get(builder.said.word) ?? [];
  if (option === undefined || state === undefined) throw builder.unknown('start_mowing', 'pause', 'dock');
  builder.send(`${option}_command_topic`, `${option}_command_template`, option);
  builder.willBe(state);
};

export const MOVING_COMMANDS: Readonly<Record<string, Make>> = { cover, valve, vacuum, lawn_mower: mower };
