import type { NodeAPI } from 'node-red';
import type { BotRow } from '../../../bots/bot-list';
import { isForeign } from '../../../runtime/admin/origin-guard';
import type { Routes } from '../../../runtime/admin/routes';
import { knownBrokers } from '../../../runtime/known-brokers';

/** Most bots in one answer. */
const MAX_BOTS = 500;

/** A bot, and the connection on which it was heard. */
export interface HeardBot extends BotRow {
  /** Name of the connection. */
  on: string;
}

/** `GET dinox/bots`: all bots that the connections hear of; two connections to one server hear the same ones. */
export function botRoutes(RED: NodeAPI, routes: Routes): void {
  routes.get('/dinox/bots', ({ headers }) => {
    // Looking subscribes, so a link on a foreign page must not begin it.
    if (isForeign(headers)) return { now: Date.now(), bots: [] };
    const bots = new Map<string, HeardBot>();
    for (const { name, broker } of knownBrokers(RED)) {
      const { botStatus, present } = broker;
      for (const row of broker.bots.look(botStatus.told)) {
        const key = `${present.where ?? name}\n${row.topic}`;
        const known = bots.get(key);
        if (!known || row.own !== 'no') bots.set(key, { ...row, on: name });
      }
    }
    return { now: Date.now(), bots: [...bots.values()].slice(0, MAX_BOTS) };
  });
}
