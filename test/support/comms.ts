/** The websocket on which a Node-RED tells its editors of statuses, notifications and debug messages. */
import { WebSocket } from 'ws';

export interface NodeStatus {
  fill?: string;
  shape?: string;
  text?: string;
}

export interface CommsEvent {
  /** `status/NODE-ID`, `notification/…`, `debug`. */
  readonly topic: string;
  readonly data: unknown;
}

export class Comms {
  /** All that came, in order. */
  readonly events: CommsEvent[] = [];

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (raw) => {
      const parsed = JSON.parse(String(raw)) as CommsEvent | CommsEvent[];
      for (const event of [parsed].flat()) if (event.topic !== 'hb') this.events.push(event);
    });
    // A Node-RED that is killed ends the line without a word.
    socket.on('error', () => {});
  }

  /** @param url of the editor, `http://127.0.0.1:1880` */
  static connect(url: string): Promise<Comms> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/comms`);
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('open', () => {
        const comms = new Comms(socket);
        for (const topic of ['status/#', 'notification/#', 'debug']) {
          socket.send(JSON.stringify({ subscribe: topic }));
        }
        resolve(comms);
      });
    });
  }

  /** The statuses of a node, oldest first; an empty object is a status that was taken away. */
  statusesOf(node: string): NodeStatus[] {
    return this.dataOf(`status/${node}`) as NodeStatus[];
  }

  /** What the debug nodes showed. */
  debugMessages(): { id: string; msg: unknown; format: string }[] {
    return this.dataOf('debug') as { id: string; msg: unknown; format: string }[];
  }

  notifications(): CommsEvent[] {
    return this.events.filter(({ topic }) => topic.startsWith('notification/'));
  }

  close(): void {
    this.socket.terminate();
  }

  private dataOf(topic: string): unknown[] {
    return this.events.filter((event) => event.topic === topic).map(({ data }) => data);
  }
}
