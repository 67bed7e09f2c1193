/** Where the package keeps what, below Node-RED's user directory. `folder` is that of the flows that run. */
import { join } from 'node:path';

/** Turns any id into a file name that is valid on every system. */
export function fileNameOf(id: string): string {
  return encodeURIComponent(id).replaceAll('*', '%2A');
}

/** Folder of all files. */
export function dataFolder(userDir: string): string {
  return join(userDir, 'dinox');
}

/** Names this Node-RED; see `installationId`. */
export function installationFile(userDir: string): string {
  return join(dataFolder(userDir), 'installation');
}

/** Names the flows that have the data folder itself; see `flowContext`. */
export function flowNameFile(userDir: string): string {
  return join(dataFolder(userDir), 'flow-file');
}

/** The folder of other flows. */
export function flowFolder(userDir: string, name: string): string {
  return join(dataFolder(userDir), 'flows', fileNameOf(name).slice(0, 200));
}

/** States and histories of alerts; `sweep` removes what deleted nodes left there. */
export function alertFolder(folder: string): string {
  return join(folder, 'alerts');
}

/** The states of a `dinox-alert`. */
export function alertFile(folder: string, nodeId: string): string {
  return join(alertFolder(folder), `${fileNameOf(nodeId)}.log`);
}

/** Recordings of topics, for the sidebar. */
export function recorderFolder(folder: string): string {
  return join(folder, 'recorder');
}

/** The last values of a connection's topics, under a name that `sweep` knows. */
export function recordedValuesFile(folder: string, nodeId: string): string {
  return join(recorderFolder(folder), `${fileNameOf(nodeId)}.states`);
}

/** The queue of a `dinox-broker` whose `queuePersist` is set. */
export function queueFile(folder: string, nodeId: string): string {
  return join(folder, 'queues', `${fileNameOf(nodeId)}.log`);
}

/** File that says which messages of a `dinox-broker` belong to which alert. */
export function sentFile(folder: string, nodeId: string): string {
  return join(folder, 'sent', `${fileNameOf(nodeId)}.json`);
}

/** File that says how far the archives of a `dinox-broker`'s chat are dealt with. */
export function archiveFile(folder: string, nodeId: string): string {
  return join(folder, 'archives', `${fileNameOf(nodeId)}.log`);
}

/** Names that people gave to topics of a `dinox-broker` from the chat. */
export function topicNamesFile(folder: string, nodeId: string): string {
  return join(folder, 'names', `${fileNameOf(nodeId)}.json`);
}

/** Publications through a `dinox-broker` that people saved by name. */
export function presetsFile(folder: string, nodeId: string): string {
  return join(folder, 'presets', `${fileNameOf(nodeId)}.json`);
}

/** What the chat nodes of a `dinox-broker` said last, for those that only say what changes. */
export function lastTextsFile(folder: string, nodeId: string): string {
  return join(folder, 'said', `${fileNameOf(nodeId)}.json`);
}

/** File that says if Home Assistant knows the device of a `dinox-broker`. */
export function announcedFile(folder: string, nodeId: string): string {
  return join(folder, 'announced', `${fileNameOf(nodeId)}.json`);
}

/** How a `dinox-broker` found its servers. */
export function planFile(folder: string, nodeId: string): string {
  return join(folder, 'plans', `${fileNameOf(nodeId)}.json`);
}
