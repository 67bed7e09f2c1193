import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { Clock } from '../base/clock';
import { replaceFile } from '../storage/atomic-file';
import { codeOf, makeFolder, OWNER_ONLY } from '../storage/files';
import { FolderLock, type LockOwner } from '../storage/folder-lock';
import { dataFolder, flowFolder, flowNameFile } from '../storage/user-dir';

/** Node-RED's settings about the running flows. */
export interface FlowSettings {
  userDir?: string | undefined;
  flowFile?: string | undefined;
  editorTheme?: { projects?: { enabled?: boolean } } | undefined;
  get?(name: string): unknown;
}

/** The running flows: the name of their file or project, and their folder. */
export interface FlowContext {
  /** Empty for the first that used the user directory: its ids are what they were before there were others. */
  readonly name: string;
  readonly folder: string;
}

/**
 * Node ids are unique in a flow file only, and one user directory may have several: each has a folder of its own, so
 * that none finds the queue or the alerts of another. The first one, or the only one that is left, has `dinox` itself.
 */
export function flowContext(settings: FlowSettings): FlowContext | undefined {
  const { userDir } = settings;
  if (!userDir) return undefined;
  const name = flowName(settings, userDir);
  const base = dataFolder(userDir);
  const own = flowFolder(userDir, name);
  const file = flowNameFile(userDir);
  const first = read(file);
  if (first === name) return { name: '', folder: base };
  if (existsSync(own)) return { name, folder: own };
  if (first !== '' && isThere(first, userDir)) return { name, folder: own };
  try {
    // `wx`: the first one decides.
    if (first === '') {
      makeFolder(base);
      writeFileSync(file, name, { flag: 'wx', mode: OWNER_ONLY });
    } else replaceFile(file, [name]);
  } catch (error) {
    // Two Node-REDs began at the same time.
    if (codeOf(error) === 'EEXIST' && read(file) !== name) return { name, folder: own };
  }
  return { name: '', folder: base };
}

function flowName({ flowFile, editorTheme, get }: FlowSettings, userDir: string): string {
  if (editorTheme?.projects?.enabled) {
    const projects = get?.('projects') as { activeProject?: unknown } | undefined;
    if (typeof projects?.activeProject === 'string') return `project:${projects.activeProject}`;
  }
  // Node-RED's default, if the settings name none.
  return `file:${relative(userDir, flowPath(flowFile || `flows_${hostname()}.json`, userDir))}`;
}

/** Path at which Node-RED finds a flow file: it looks in its working directory first. */
function flowPath(flowFile: string, userDir: string): string {
  if (isAbsolute(flowFile)) return flowFile;
  const here = resolve(flowFile);
  return flowFile.startsWith('./') || existsSync(here) ? here : resolve(userDir, flowFile);
}

function isThere(name: string, userDir: string): boolean {
  const [kind = '', ...rest] = name.split(':');
  const what = rest.join(':');
  if (what === '') return false;
  return existsSync(kind === 'project' ? join(userDir, 'projects', what) : resolve(userDir, what));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Folder in which one node may keep its files, until it lets go. */
export interface AcquiredFolder {
  /** Undefined: the node works in memory. */
  readonly folder: string | undefined;
  /** See `FlowContext`. */
  readonly flow: string;
  release(): void;
}

/** Gives the nodes of a type the folder of their flows, as long as no other Node-RED writes there. */
export class DataFolders {
  private readonly locks = new Map<string, FolderLock>();
  private hasSaid = false;

  constructor(
    /** Asked for each node: a project may be exchanged while Node-RED runs. */
    private readonly settings: FlowSettings,
    /** Type of the nodes. Each type has its own lock. */
    private readonly type: string,
    private readonly clock: Clock,
    /** Called if somebody else writes there; once, until the folder is ours. */
    private readonly taken: (folder: string, owner: LockOwner | undefined) => void,
  ) {}

  acquire(): AcquiredFolder {
    const context = flowContext(this.settings);
    if (!context) return { folder: undefined, flow: '', release: () => {} };
    const { folder, name: flow } = context;
    const lock = this.locks.get(folder) ?? new FolderLock(join(folder, `${this.type}.lock`), this.clock);
    this.locks.set(folder, lock);
    if (!lock.acquire()) {
      if (!this.hasSaid) this.taken(folder, lock.owner());
      this.hasSaid = true;
      return { folder: undefined, flow, release: () => {} };
    }
    this.hasSaid = false;
    return { folder, flow, release: () => lock.release() };
  }
}
