/**
 * Replaces each `${NAME}` in a text by the environment variable of that name, as `lookup` knows it (a subflow's or a
 * group's before the process's). Node-RED itself does so only if it is the whole field. Variables that are not
 * set become empty, as there.
 */
function expandEnv(text: string, lookup: (name: string) => unknown): string {
  if (!text.includes('${')) return text;
  return text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    const value = lookup(name);
    return value === undefined || value === null ? '' : String(value);
  });
}

/** Replaces the environment variables in every text of a node's definition. */
export function expandFields<T extends Readonly<Record<string, unknown>>>(
  fields: T,
  lookup: (name: string) => unknown,
): T {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? expandEnv(value, lookup) : value,
  ]);
  return Object.fromEntries(entries) as T;
}
