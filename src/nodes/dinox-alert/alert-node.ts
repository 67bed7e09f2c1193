import type { Node } from 'node-red';
import type { AlertDesk } from '../../alert/command-handler';
import type { Station } from './alert-engine';

/** The node as the sidebar and its own dialog see it. */
export interface AlertNode extends Node {
  dinoxAlert?: AlertDesk;
  dinoxStation?: Station;
}
