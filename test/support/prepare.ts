/** Run by `npm test` before the tests: installs what they need, once, and says what is there and what is not. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ensureChromium } from './chromium';
import { ensureHomeAssistant } from './homeassistant/install';
import { MATRIX, nodeRedInstallation } from './node-red-versions';
import { ensureServers } from './servers/install';

const run = promisify(execFile);

async function servers(): Promise<string> {
  const found = await ensureServers();
  const missing = [...found.debian12.missing, ...found.debian13.missing];
  if (missing.length > 0) throw new Error(missing.join('; '));
  return (['debian12', 'debian13'] as const)
    .map((generation) => {
      const versions = Object.entries(found[generation].versions).map((pair) => pair.join(' '));
      return `${generation} (${versions.join(', ')})`;
    })
    .join(', ');
}

async function nodeReds(): Promise<string> {
  const found: string[] = [];
  // One after another: a fresh machine installs several, and npm keeps to itself what it downloads.
  for (const [nodeRed, node] of MATRIX) {
    const { version } = await nodeRedInstallation(nodeRed, node);
    found.push(`${version} on Node ${node}`);
  }
  return found.join(', ');
}

async function browser(): Promise<string> {
  const { stdout } = await run(await ensureChromium(), ['--version']);
  return stdout.trim();
}

async function homeAssistant(): Promise<string> {
  return `in ${await ensureHomeAssistant()}`;
}

async function main(): Promise<void> {
  const isStrict = Boolean(process.env.CI);
  // One after another: apt and npm would only stand in each other's way.
  for (const [name, prepare] of Object.entries({
    servers,
    'Node-RED': nodeReds,
    browser,
    'Home Assistant': homeAssistant,
  })) {
    try {
      process.stdout.write(`prepare: ${name}: ${await prepare()}\n`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      process.stdout.write(`prepare: ${name}: MISSING: ${reason}\n`);
      if (isStrict) process.exitCode = 1;
    }
  }
}

void main();
