import type { Node } from 'node-red';
import type { AlertCommands } from '../../alert/command-handler';
import type { AlertEngine } from './alert-engine';

/** A `dinox-alert` as the sidebar and its own dialog see it. */
export interface AlertNode extends Node {
  dinoxAlert?: AlertCommands;
  dinoxEngine?: AlertEngine;
}
