import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/** The longest path that a Unix socket may have (`sun_path`). */
const MAX_PATH = 100;
/** How long the question may take, in milliseconds: a slow machine starts a process for it. */
const ASK_TIMEOUT = 5_000;

/** Connects to the socket of its first argument; the exit code is the answer. */
const QUESTION = `require('net').connect(process.argv[1])
  .on('connect', () => process.exit(0))
  .on('error', ({ code }) => process.exit(code === 'ECONNREFUSED' || code === 'ENOENT' ? 1 : 2));`;

/**
 * A Unix socket that nobody talks over. It ends with its process, however that ends. Every process that shares the
 * folder on the same kernel can see that, even from another container.
 */
export class LifeLine {
  private server: Server | undefined;

  constructor(private readonly path: string) {}

  /** Replaces what a dead process left. Without Unix sockets nothing happens. */
  open(): void {
    if (process.platform === 'win32' || Buffer.byteLength(this.path) > MAX_PATH || this.server) return;
    try {
      rmSync(this.path, { force: true });
      this.server = createServer((socket) => socket.destroy());
      this.server.on('error', () => {
        this.server = undefined;
      });
      this.server.listen(this.path);
      this.server.unref();
    } catch {
      this.server = undefined;
    }
  }

  close(): void {
    this.server?.close();
    this.server = undefined;
  }

  /** True if its process lives; undefined if nobody can tell. Blocks for as long as another process takes to start. */
  static answers(path: string): boolean | undefined {
    if (process.platform === 'win32' || Buffer.byteLength(path) > MAX_PATH) return undefined;
    const { status } = spawnSync(process.execPath, ['-e', QUESTION, path], {
      stdio: 'ignore',
      timeout: ASK_TIMEOUT,
    });
    return status === 0 ? true : status === 1 ? false : undefined;
  }
}
