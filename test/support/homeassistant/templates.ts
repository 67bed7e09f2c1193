/** Templates and what a real Home Assistant makes of them. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureHomeAssistant, type HassVersion, inside, PYTHON, REQUIRED } from './install';

export const FIXTURE = join(__dirname, '../../fixtures/homeassistant/templates.json');

/** A template with what it is asked; either payloads or variables. */
export interface Entry {
  readonly style: string;
  readonly template: string;
  readonly payloads?: readonly string[];
  readonly variables?: readonly Readonly<Record<string, unknown>>[];
  /** By payload or variables; null: an error, and an entity keeps the state that it had. */
  readonly answers: readonly (string | null)[];
}

export function readEntries(fixture = FIXTURE): Entry[] {
  return JSON.parse(readFileSync(fixture, 'utf8')) as Entry[];
}

/** A second corpus, written after the interpreter, which is not fitted to it. */
export const SECOND = join(__dirname, '../../fixtures/homeassistant/second-templates.json');

/** The same entries with the answers of the Home Assistant that is installed here. */
export async function answered(entries: readonly Entry[], version: HassVersion = REQUIRED): Promise<Entry[]> {
  const folder = await ensureHomeAssistant(version);
  const questions = entries.flatMap(({ template, payloads, variables }) => [
    ...(payloads ?? []).map((payload) => ({ template, payload })),
    ...(variables ?? []).map((given) => ({ template, variables: given })),
  ]);
  const script = readFileSync(join(__dirname, 'answer-templates.py'), 'utf8');
  const [command = '', ...args] = inside(folder, PYTHON, '-c', script);
  const { stdout, stderr, status } = spawnSync(command, args, {
    input: questions.map((question) => JSON.stringify(question)).join('\n'),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`Home Assistant's Python failed: ${stderr.slice(-1_000)}`);
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as string | null);
  return entries.map((entry) => {
    const count = (entry.payloads?.length ?? 0) + (entry.variables?.length ?? 0);
    return { ...entry, answers: answers.splice(0, count) };
  });
}
