/** What the installed package adds to the start of a Node-RED that does not use it. */
import { Child } from '../child';

export interface Start {
  /** CPU until Node-RED has started, in milliseconds. */
  cpu: number;
  wall: number;
  /** In bytes, after a collection. */
  heap: number;
  rss: number;
}

/** An empty Node-RED, with the package from the folder `pkg` or without. */
export async function startOnce(pkg: string | undefined): Promise<Start> {
  const child = await Child.nodeRed([{ id: 'tab', type: 'tab', label: 'empty' }], pkg, true);
  const { started } = child;
  await child.stop();
  return started;
}
