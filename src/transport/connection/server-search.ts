import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import type { Plan } from '../../discovery/types';
import { LinkError } from '../errors';
import type { MqttModule } from '../mqtt/client';
import type { ClientSettings, ClientTools } from './client-types';
import type { FoundPlan } from './link-options';

/** Codes that a failed search shares with a failed connection; a person must change something after other fatal ones. */
const CODES = ['login', 'unencrypted', 'tls', 'refused', 'timeout', 'network'] as const;
/** Codes of a search that are more exact than a connection's, with the latter. */
const WIDER: Readonly<Record<string, (typeof CODES)[number]>> = {
  'no-domain': 'network',
  'wrong-domain': 'refused',
};

/** Listener to a search. */
export interface ServerSearchListener {
  begins(): void;
  /** Gets the plan, with a server or without. */
  plan(plan: Plan): void;
  found(plan: FoundPlan, mqtt: MqttModule | undefined): void;
  failed(reason: LinkError): void;
}

/** Looks for the server, at once or later. One search at a time: a new one, or a stop, ends those before it. */
export class ServerSearch {
  private cancel: (() => void) | undefined;

  constructor(
    private readonly tools: ClientTools,
    private readonly settings: () => ClientSettings,
    private readonly listener: ServerSearchListener,
  ) {}

  /** @param fresh true to ignore memory: the remembered way has failed */
  begin(fresh: boolean): void {
    this.stop();
    const { listener, tools } = this;
    const controller = new AbortController();
    const { signal } = controller;
    this.cancel = () => controller.abort();
    listener.begins();
    Promise.all([tools.findPlan(this.settings(), signal, fresh), tools.loadMqtt()]).then(
      ([plan, mqtt]) => {
        if (signal.aborted) return;
        this.cancel = undefined;
        listener.plan(plan);
        if (hasBroker(plan)) listener.found(plan, mqtt);
        else listener.failed(noMqtt(plan));
      },
      (error: Error) => {
        if (signal.aborted) return;
        this.cancel = undefined;
        listener.failed(searchError(error));
      },
    );
  }

  later(inMs: number, fresh: boolean): void {
    this.stop();
    this.cancel = this.tools.clock.after(inMs, () => this.begin(fresh));
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
  }
}

const hasBroker = (plan: Plan): plan is FoundPlan => plan.mqtt !== undefined || plan.pubsub !== undefined;

function noMqtt({ steps }: Plan): LinkError {
  const last = steps.at(-1);
  const why = last
    ? text('mqtt.offersNoneBecause', { text: last.answer, advice: last.follows })
    : text('mqtt.offersNone');
  return new LinkError('config', why, true);
}

function searchError(error: Error & { fatal?: boolean; code?: string }): LinkError {
  if (error instanceof LinkError) return error;
  const fatal = error.fatal === true;
  const said = WIDER[error.code ?? ''] ?? error.code;
  const code = CODES.find((known) => known === said) ?? (fatal ? 'config' : 'network');
  return new LinkError(code, textOf(error), fatal, { cause: error });
}
