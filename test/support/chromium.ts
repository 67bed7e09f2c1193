/** The browser of the editor tests: Debian's chromium, installed with apt where that is possible. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { promisify } from 'node:util';

const PLACES = [process.env.DINOX_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
const run = promisify(execFile);

/** Path of the browser, or undefined where there is none. */
function chromiumPath(): string | undefined {
  return PLACES.find((path) => {
    try {
      accessSync(path ?? '', constants.X_OK);
      return path !== undefined;
    } catch {
      return false;
    }
  });
}

/** Path of the browser; installs it as root on Debian. Throws with the reason where there is none afterwards. */
export async function ensureChromium(): Promise<string> {
  const present = chromiumPath();
  if (present) return present;
  if (process.getuid?.() !== 0) throw new Error('chromium is not installed, and only root can install it');
  process.stdout.write('[chromium] installing chromium with apt\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env, maxBuffer: 1 << 26 });
  await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], {
    env,
    maxBuffer: 1 << 26,
  });
  const installed = chromiumPath();
  if (!installed) throw new Error('chromium was installed, and is not there');
  return installed;
}
