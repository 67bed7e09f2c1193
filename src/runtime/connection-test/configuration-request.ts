import { Fault } from '../../base/fault';
import {
  type ConfigurationFacts,
  type ConfigurationPart,
  serverConfiguration,
} from '../../servers/configuration/configuration';
import type { ServerType } from '../../servers/types';
import { readService } from '../../xmpp/jid-grammar';
import type { BrokerConfig } from '../config/broker-config';

/** What the dialog knows of the server, from a test or the deployed connection. */
export interface FoundInDialog {
  /** `mqtts://mqtt.example.org:8883`, or `xmpp:pubsub.example.org` over PubSub. */
  where?: unknown;
  software?: unknown;
  pubsub?: unknown;
}

/** Configurations to choose from; the first is for the server that was found. */
export interface ServerConfiguration {
  server: ServerType;
  parts: ConfigurationPart[];
}

const MQTTS = 8883;

/** The configurations for a dialog's fields; empty without an account. */
export function configurationsFor({ question }: BrokerConfig, found: FoundInDialog): ServerConfiguration[] {
  const { jid } = question;
  if (!jid) return [];
  const server = serverOf(question.serverType, found.software);
  const endpoint = endpointOf(found.where);
  const facts: ConfigurationFacts = {
    jid: jid.bare,
    domain: jid.domain,
    pubsub: question.pubsubService ?? serviceOf(found.pubsub) ?? `pubsub.${jid.domain}`,
    transport:
      question.transport === 'mqtt' || (endpoint && question.transport === 'auto') ? 'mqtt' : 'pubsub',
    mqtt: {
      host: question.host ?? endpoint?.host ?? jid.domain,
      port: question.port ?? endpoint?.port ?? MQTTS,
    },
  };
  return offered(server).map((one) => ({ server: one, parts: serverConfiguration(one, facts) }));
}

/** Prosody's bridge gives a Mosquitto no wildcards and no login, so that none is bridged to it. */
function offered(server: ServerType | undefined): ServerType[] {
  if (server === 'prosody') return ['prosody'];
  if (server === 'ejabberd') return ['ejabberd', 'mosquitto'];
  return server === 'mosquitto' ? ['mosquitto', 'prosody', 'ejabberd'] : ['prosody', 'ejabberd', 'mosquitto'];
}

function serverOf(typed: 'auto' | ServerType, software: unknown): ServerType | undefined {
  if (typed !== 'auto') return typed;
  const name = String(software ?? '').toLowerCase();
  return (['prosody', 'ejabberd', 'mosquitto'] as const).find((one) => name.includes(one));
}

/** The service that was found, if it is the name of one. */
function serviceOf(typed: unknown): string | undefined {
  const service = typeof typed === 'string' && typed !== '' ? readService(typed, undefined) : undefined;
  return service instanceof Fault ? undefined : service;
}

function endpointOf(where: unknown): { host: string; port: number } | undefined {
  const [, host, port] = /^mqtts?:\/\/([\w.-]+|\[[0-9a-f:.]+\]):(\d{1,5})$/i.exec(String(where ?? '')) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}
