import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import english from '../../src/base/texts/en-US.json';
import type { NodeModule } from './runtime';

type Labels = Record<string, unknown>;

const NODES = join(__dirname, '../../src/nodes');

/** The English labels of all nodes; those of `dinox-broker` carry the catalogue, as the build puts it there. */
function labels(): Labels {
  const all = readdirSync(NODES).map(
    (node) => JSON.parse(readFileSync(join(NODES, node, 'locales/en-US.json'), 'utf8')) as Labels,
  );
  const { 'dinox-broker': broker, ...others } = Object.assign({}, ...all) as Labels;
  return { ...others, 'dinox-broker': { ...(broker as Labels), text: english } };
}

/** A module with English texts: in the test helper, `RED._` gives back the key. */
export function withTexts(module: NodeModule): NodeModule {
  const known = labels();
  const translate = (key: string, values: Labels = {}): string => {
    // A key may begin with whose labels it is of.
    const found = key
      .replace(/^@dinox\/node-red-dinox\/[\w-]+:/, '')
      .split('.')
      .reduce<unknown>((inner, part) => (inner as Labels | undefined)?.[part], known);
    if (typeof found !== 'string') throw new Error(`no text ${key}`);
    if (values.skipInterpolation) return found;
    return found.replace(/__(\w+?)__/g, (_, name: string) => String(values[name] ?? ''));
  };
  return (RED) => module(Object.create(RED as object, { _: { value: translate } }));
}
