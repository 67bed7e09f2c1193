/** The servers that the table is about: every kind, of both generations. */
import {
  type Ejabberd,
  ensureServers,
  GENERATIONS,
  type Generation,
  type Mosquitto,
  type Prosody,
  startEjabberd,
  startMosquitto,
  startProsody,
} from '../servers/index';
import type { Target } from './measure';

const KB = 1_000;
const MB = 1_000 * KB;
const LARGE = [300 * KB, 3 * MB, 10 * MB];
const LOGIN = { username: 'table', password: 'table-Pass' };
const JID = `${LOGIN.username}@localhost`;
/** Accounts on every server, with their passwords: a flow's own, two others. */
export const PEOPLE = { anna: 'tr3ppe-Otter', ben: 'K1rsche+baum', carl: 'Gast-42' };
const users = { [LOGIN.username]: LOGIN.password, ...PEOPLE };

/** The servers of one generation, whose bridge works. */
export interface ServersOfGeneration {
  ejabberd: Ejabberd;
  prosody: Prosody;
  mosquitto: Mosquitto;
}

export interface Targets {
  targets: Target[];
  /** Older before newer. */
  servers: ServersOfGeneration[];
  stop(): Promise<void>;
}

/** @throws where a generation is missing: a table with half of its rows would be taken for the whole. */
export async function startTargets(): Promise<Targets> {
  const available = await ensureServers();
  const missing = GENERATIONS.flatMap((generation) => available[generation].missing);
  if (missing.length > 0) throw new Error(missing.join('; '));
  const generations = await Promise.all(GENERATIONS.map((generation) => startAll(generation)));
  const started = generations.flatMap(({ targets }) => targets);
  return {
    // Kinds together, older before newer.
    targets: started.map(({ target }) => target).sort((a, b) => order(a) - order(b)),
    servers: generations.map(({ servers }) => servers),
    stop: async () => void (await Promise.all(started.map(({ server }) => server.stop()))),
  };
}

function order({ type }: Target): number {
  return ['ejabberd', 'prosody', 'mosquitto'].indexOf(type);
}

async function startAll(generation: Generation) {
  const [one, two, three, broken] = await Promise.all([
    ejabberd(generation),
    prosody(generation, 'good'),
    mosquitto(generation),
    generation === 'debian12' ? prosody(generation, 'broken') : undefined,
  ]);
  return {
    targets: [one, two, ...(broken ? [broken] : []), three],
    servers: { ejabberd: one.server, prosody: two.server, mosquitto: three.server },
  };
}

/** Without Debian's own part, which changes with every repair and says nothing about what the server can do. */
function upstream(version: string): string {
  return version.split('-')[0] ?? version;
}

/** Debian's `prosody-modules` are a day's state of the sources: `0.0~hg20250402.f315edc39f3d+dfsg-2`. */
function dateOf(version: string): string {
  const [, year, month, day] = /hg(\d{4})(\d\d)(\d\d)/.exec(version) ?? [];
  return year ? `${year}-${month}-${day}` : version;
}

async function ejabberd(generation: Generation) {
  const server = await startEjabberd({ generation, users });
  const target: Target = {
    name: `ejabberd ${upstream(server.version)}`,
    type: 'ejabberd',
    port: server.mqttPort,
    webSocket: { port: server.wsPort ?? 0, path: server.wsPath },
    login: { ...LOGIN, username: JID },
    topic: (plain) => plain,
    sizes: LARGE,
  };
  return { target, server };
}

async function prosody(generation: Generation, bridge: 'good' | 'broken') {
  const server = await startProsody({
    generation,
    bridge,
    users,
    // Nobody else can make nodes.
    extra: 'admins = { "anna@localhost", "ben@localhost" }',
  });
  const target: Target = {
    name: `Prosody ${upstream(server.version)}, bridge of ${dateOf(server.bridgeVersion ?? '')}`,
    type: 'prosody',
    port: server.mqttPort,
    topic: (plain) => `${server.pubsubService}/json/${plain}`,
    // 1 MB and more arrive sometimes.
    sizes: [300 * KB],
  };
  return { target, server };
}

async function mosquitto(generation: Generation) {
  const server = await startMosquitto({
    generation,
    websockets: true,
    users,
  });
  const target: Target = {
    name: `Mosquitto ${upstream(server.version)}`,
    type: 'mosquitto',
    port: server.port,
    webSocket: { port: server.wsPort ?? 0, path: '/' },
    login: LOGIN,
    topic: (plain) => plain,
    sizes: LARGE,
  };
  return { target, server };
}
