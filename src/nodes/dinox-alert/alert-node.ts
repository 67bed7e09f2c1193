import type { Node } from 'node-red';
import type { AlertCommands } from '../../alert/command-handler';
import type { AlertEngine } from './alert-engine';

/** The node as the sidebar and its own dialog see it. */
export interface AlertNode extends Node {
  dinoxAlert?: AlertCommands;
  dinoxEngine?: AlertEngine;
}
