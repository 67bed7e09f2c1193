import { readFile, rm } from 'node:fs/promises';
import { list, text } from '../../base/catalogue';
import { transportText } from '../../discovery/choose-transport';
import {
  ageText,
  isStillFor,
  type PlanStore,
  parsePlan,
  questionKey,
  serialisePlan,
} from '../../discovery/plan-cache';
import { resolve } from '../../discovery/resolve';
import { systemLookups } from '../../discovery/system-lookups';
import type { Notice, Plan } from '../../discovery/types';
import { endpointText } from '../../servers/endpoint';
import { replaceFileAsync } from '../../storage/atomic-file';
import { planFile } from '../../storage/user-dir';
import type { ClientSettings } from '../../transport/connection/client-types';

export interface PlanFinder {
  /** Finds the plan in memory if that still answers the question, else by a resolution. Rejects with `ResolveError`. */
  find(settings: ClientSettings, signal: AbortSignal, fresh: boolean): Promise<Plan>;
  /** Deletes the memory of a deleted node. */
  forget(): Promise<void>;
}

/**
 * Finds the broker for a node, and remembers it over a restart.
 * @param key file name of the memory: the node's id.
 */
export function createPlanFinder(
  key: string,
  store: PlanStore & { remove(key: string): Promise<void> },
): PlanFinder {
  return {
    async find(settings, signal, fresh) {
      const { question, secrets, tls } = settings;
      // Nothing takes time without an account.
      const memory = question.jid ? await store.read(key) : undefined;
      const parsed = parsePlan(memory);
      const remembered = parsed && isStillFor(question, secrets, parsed) ? parsed.plan : undefined;
      if (remembered && !fresh) return { ...remembered, steps: [rememberedStep(remembered)] };
      const plan = await resolve(question, secrets, systemLookups({ tls }), { signal });
      const instead = insteadOf(remembered, plan);
      // The bridge may only be away for a while, so the next start tries it first.
      if (instead) return { ...plan, notices: [...plan.notices, instead] };
      if (question.jid && (plan.mqtt || plan.pubsub)) {
        await store.write(key, serialisePlan({ key: questionKey(question, secrets), plan }));
      }
      return plan;
    },
    forget: () => store.remove(key),
  };
}

/** Notice, if the bridge that messages went over does not answer and PubSub takes its place. */
export function insteadOf(remembered: Plan | undefined, { pubsub, transport }: Plan): Notice | undefined {
  if (!remembered?.mqtt || !pubsub || transport?.why !== 'absent') return undefined;
  return {
    level: 'warning',
    code: 'bridge-away',
    text: text('discovery.noteInstead', { text: transportText(transport) }),
  };
}

function rememberedStep(plan: Plan): Plan['steps'][number] {
  const { mqtt, pubsub, transport } = plan;
  const where = pubsub ? `xmpp:${pubsub.service}` : mqtt ? endpointText(mqtt.endpoint) : '';
  const found = text('discovery.rememberedAt', {
    where,
    server: plan.software ?? plan.serverType,
    age: ageText(plan, Date.now()),
  });
  return {
    asked: text('discovery.remembered'),
    answer: transport ? list([found, transportText(transport)]) : found,
    follows: text('discovery.useRemembered'),
    ok: true,
    ms: 0,
  };
}

/**
 * One small file for each node in the folder of its flows, written to a temporary name and renamed. Memory is
 * a convenience: after a failed read or write the broker is looked for again.
 */
export function planFiles(folder: string | undefined): PlanStore & { remove(key: string): Promise<void> } {
  const quietly = async <T>(key: string, action: (file: string) => Promise<T>): Promise<T | undefined> => {
    if (!folder) return undefined;
    try {
      return await action(planFile(folder, key));
    } catch {
      return undefined;
    }
  };
  return {
    read: (key) => quietly(key, (file) => readFile(file, 'utf8')),
    async write(key, text) {
      await quietly(key, (file) => replaceFileAsync(file, text));
    },
    async remove(key) {
      await quietly(key, (file) => rm(file, { force: true }));
    },
  };
}
