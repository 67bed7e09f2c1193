import { text } from '../../base/catalogue';
import type { Text } from '../../base/text';
import type { ShownAbout } from './announced-device';

/** What a node is called, and the language of the process. */
interface Named {
  name: string;
  read(said: Text): string;
}

/** Kinds of what may be heard. */
export type HeardType = 'message' | 'reaction';

/** A node that sends to people: any automation can write through it. */
export function notifyEntity({ name }: Named): ShownAbout {
  return {
    key: '',
    entity: {
      platform: 'notify',
      part: 'notify',
      name,
      id: name,
      config: { icon: 'mdi:chat', command_topic: '~/notify/set' },
    },
  };
}

/** A node that listens to people. */
export function heardEntity({ name, read }: Named): ShownAbout {
  const types: HeardType[] = ['message', 'reaction'];
  return {
    key: '',
    entity: {
      platform: 'event',
      part: 'heard',
      name: `${name} ${read(text('shown.heard'))}`,
      id: `${name} heard`,
      config: { icon: 'mdi:chat-processing', event_types: types, state_topic: '~/heard' },
    },
  };
}

/** How a connection is. */
export interface ConnectionState {
  /** Messages that wait. */
  queue: number;
  /** Connections that were lost. */
  losses: number;
  /** Why the last one was; null: none was. */
  reason: string | null;
}

/** @param statusTopic the topic of the bot's status: it also says *offline*, which no state of a dead process can */
export function connectionEntities({ read }: Pick<Named, 'read'>, statusTopic: string): ShownAbout[] {
  const diagnostic = { entity_category: 'diagnostic' };
  const counted = (part: 'queue' | 'losses', config: object): ShownAbout => ({
    key: '',
    entity: {
      platform: 'sensor',
      part,
      name: read(text(`shown.${part}`)),
      id: `dinox ${part}`,
      config: {
        ...diagnostic,
        ...config,
        state_topic: '~/state',
        value_template: `{{ value_json.${part} }}`,
      },
    },
  });
  return [
    {
      key: '',
      entity: {
        platform: 'binary_sensor',
        part: 'connected',
        name: read(text('shown.connected')),
        id: 'dinox_connected',
        config: {
          ...diagnostic,
          device_class: 'connectivity',
          state_topic: statusTopic,
          value_template: "{{ 'OFF' if value_json.status == 'offline' else 'ON' }}",
          availability_topic: statusTopic,
          availability_template: "{{ 'online' }}",
        },
      },
    },
    counted('queue', { icon: 'mdi:tray-full', state_class: 'measurement' }),
    counted('losses', {
      icon: 'mdi:lan-disconnect',
      state_class: 'total_increasing',
      json_attributes_topic: '~/state',
      json_attributes_template: "{{ {'reason': value_json.reason} | tojson }}",
    }),
  ];
}
