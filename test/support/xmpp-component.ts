/** A component (XEP-0114) on a bare socket: what a gateway is to its server. It writes whatever sender it is told to. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export class XmppComponent {
  /** All that the server wrote. */
  text = '';
  ready = false;
  private readonly socket: Socket;

  constructor({ port, name, secret }: { port: number; name: string; secret: string }) {
    const socket = connect({ host: '127.0.0.1', port });
    this.socket = socket;
    socket.setEncoding('utf8').setNoDelay(true);
    socket.on('error', () => {});
    socket.on('connect', () =>
      socket.write(
        `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${name}'>`,
      ),
    );
    let asked = false;
    socket.on('data', (data) => {
      this.text += String(data);
      const id = /<stream:stream[^>]*\sid=['"]([^'"]*)['"]/.exec(this.text)?.[1];
      if (id !== undefined && !asked) {
        asked = true;
        const proof = createHash('sha1')
          .update(id + secret)
          .digest('hex');
        socket.write(`<handshake>${proof}</handshake>`);
      }
      this.ready ||= /<handshake(\s[^>]*)?(\/>|>\s*<\/handshake>)/.test(this.text);
    });
  }

  get open(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  /** Raw XML. */
  write(text: string): void {
    this.socket.write(text);
  }

  end(): void {
    this.socket.destroy();
  }
}
