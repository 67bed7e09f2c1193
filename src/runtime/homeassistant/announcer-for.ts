import { version } from '../../../package.json';
import type { Clock } from '../../base/clock';
import type { BrokerConfig } from '../config/broker-config';
import type { DeployWatcher } from '../handover/deploy-watcher';
import type { Log } from '../node-contract';
import { AnnouncedFile } from './announced-file';
import { Announcer } from './announcer';
import type { AnnouncingBroker } from './announcer-types';

/** What Home Assistant is to know a connection by. */
export interface ShownAs {
  /** Unique among all Node-REDs and flow files. */
  installation: string;
  /** Id of the node. */
  id: string;
  /** Name of the node; empty: the account, or the host. */
  name: string;
  /** Path of the file that says what was announced; undefined without a user directory. */
  file: string | undefined;
}

interface Options {
  shown: ShownAs;
  deploys: DeployWatcher;
  log: Log;
  tools: { clock: Clock; random(): number };
}

/** The announcer of a connection, as its configuration says. */
export function announcerFor(
  broker: AnnouncingBroker & { config: BrokerConfig; botStatus: { topic: string; need(): void } },
  { shown, deploys, log, tools: { clock, random } }: Options,
): Announcer {
  const { discoveryPrefix, question } = broker.config;
  const { installation, id, name, file } = shown;
  const about = name || question.jid?.bare || question.host || '';
  return new Announcer({
    ...{ broker, clock, random },
    identity: { installation, broker: id, prefix: discoveryPrefix },
    looks: { name: `DinoX ${about}`.trim(), version, statusTopic: broker.botStatus.topic },
    file: new AnnouncedFile(file),
    needStatus: () => broker.botStatus.need(),
    deploys: (listener) => deploys.listen(listener),
    warn: (said) => log.warn(said),
  });
}

/** True if Home Assistant may know the device from an earlier run. */
export function announcedEarlier({ file }: ShownAs): boolean {
  const { announced, missed } = new AnnouncedFile(file).before;
  return announced || missed !== undefined;
}
