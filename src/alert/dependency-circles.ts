/**
 * The way on which a node depends on itself, over others; undefined: there is none.
 * @param edges the nodes on which each one depends
 */

export function circleOf(id: string, edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const seen = new Set<string>();
  const ways: string[][] = (edges.get(id) ?? []).filter((one) => one !== id).map((one) => [id, one]);
  for (let way = ways.pop(); way; way = ways.pop()) {
    const last = way[way.length - 1] as string;
    if (last === id) return way;
    if (seen.has(last)) continue;
    seen.add(last);
    for (const next of edges.get(last) ?? []) if (next !== last) ways.push([...way, next]);
  }
  return undefined;
}
