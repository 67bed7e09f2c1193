import type { AlertCommands } from '../../alert/command-handler';
import type { RecordingAlert } from '../../runtime/alert-recordings';
import type { AlertEngine } from './alert-engine';

/** A `dinox-alert` as the sidebar and its own dialog see it. */
export interface AlertNode extends RecordingAlert {
  dinoxAlert?: AlertCommands;
  dinoxEngine?: AlertEngine;
}
