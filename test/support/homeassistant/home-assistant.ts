/** A real Home Assistant on a broker. */
import { join } from 'node:path';
import WebSocket from 'ws';
import { freePort } from '../servers/ports';
import { ownFolder, type RestartableServer, runServer } from '../servers/process';
import { type HomeAssistantConfig, writeConfig } from './config';
import { ensureHomeAssistant, inside } from './install';

const HASS = '/opt/ha/venv/bin/hass';
const ANSWER_MS = 10_000;
/** It starts in ten seconds, where nothing else runs. */
const READY_WITHIN_MS = 120_000;

/** A state as its API gives it. */
export interface HassState {
  readonly entity_id: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface HomeAssistant extends RestartableServer {
  states(): Promise<HassState[]>;
  /** Asks over the WebSocket: `config/entity_registry/list`. */
  ask<T>(type: string, more?: Readonly<Record<string, unknown>>): Promise<T>;
  /** Calls a service: `light.turn_on`. Rejects where it is refused. */
  call(service: string, data: Readonly<Record<string, unknown>>): Promise<void>;
  /** Somebody deletes the one device that this manufacturer has made. */
  deleteDevice(manufacturer: string): Promise<void>;
}

/** A Home Assistant for a suite. Where it cannot be installed, the suite is skipped, and says so. In CI that is a failure. */
export async function homeAssistantOf(
  suite: Pick<Mocha.Context, 'skip'>,
  name: string,
  broker: Omit<HomeAssistantConfig, 'httpPort'>,
): Promise<HomeAssistant> {
  try {
    return await startHomeAssistant(broker);
  } catch (error) {
    if (process.env.CI) throw error;
    process.stdout.write(`SKIPPED SUITE: ${name}: ${error instanceof Error ? error.message : error}\n`);
    return suite.skip();
  }
}

/** Resolves when it runs. `prepare`: what should be there before; the installation is made once. */
async function startHomeAssistant(broker: Omit<HomeAssistantConfig, 'httpPort'>): Promise<HomeAssistant> {
  const root = await ensureHomeAssistant(broker.version);
  const folder = ownFolder(join(root, 'tmp'));
  const httpPort = await freePort();
  const token = writeConfig(folder, { ...broker, httpPort });
  const url = `http://127.0.0.1:${httpPort}/api`;
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const isRunning = async (): Promise<boolean> => {
    try {
      const answer = await fetch(`${url}/config`, { headers, signal: AbortSignal.timeout(ANSWER_MS) });
      return answer.ok && ((await answer.json()) as { state: string }).state === 'RUNNING';
    } catch {
      return false;
    }
  };
  const askIt = <T>(type: string, more: Readonly<Record<string, unknown>> = {}): Promise<T> =>
    ask(httpPort, token, { type, ...more });
  const server = await runServer(
    {
      name: 'Home Assistant',
      command: inside(root, HASS, '-c', folder.slice(root.length), '--skip-pip', '--log-no-color'),
      logFiles: [join(folder, 'output.log')],
    },
    [isRunning],
    READY_WITHIN_MS,
  );
  return {
    ...server,
    async states() {
      const answer = await fetch(`${url}/states`, { headers, signal: AbortSignal.timeout(ANSWER_MS) });
      return (await answer.json()) as HassState[];
    },
    ask: askIt,
    async call(service, data) {
      const answer = await fetch(`${url}/services/${service.replace('.', '/')}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(data),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      if (!answer.ok) throw new Error(`${service}: ${answer.status} ${await answer.text()}`);
    },
    async deleteDevice(manufacturer) {
      const devices = await askIt<{ id: string; manufacturer: string; config_entries: string[] }[]>(
        'config/device_registry/list',
      );
      const [device, ...others] = devices.filter((one) => one.manufacturer === manufacturer);
      if (!device || others.length > 0) throw new Error(`${others.length + (device ? 1 : 0)} devices`);
      // The older command is a warning in the log of later versions.
      const isNew = broker.version === '2026.11.0';
      await askIt(`config/device_registry/${isNew ? 'remove' : 'remove_config_entry'}`, {
        device_id: device.id,
        ...(!isNew && { config_entry_id: device.config_entries[0] }),
      });
    },
  };
}

/** One question over a WebSocket of its own. */
function ask<T>(port: number, token: string, question: object): Promise<T> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/websocket`);
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer over the WebSocket')), ANSWER_MS);
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(timer));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { type: string; success?: boolean; result?: T };
      if (message.type === 'auth_required')
        socket.send(JSON.stringify({ type: 'auth', access_token: token }));
      else if (message.type === 'auth_ok') socket.send(JSON.stringify({ id: 1, ...question }));
      else if (message.type !== 'result') reject(new Error(JSON.stringify(message)));
      else if (message.success) resolve(message.result as T);
      else reject(new Error(JSON.stringify(message)));
    });
  }).finally(() => socket.close());
}
