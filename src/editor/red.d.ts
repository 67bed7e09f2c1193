/// <reference lib="dom" />
/// <reference types="jquery" />

/**
 * What our dialogs use of Node-RED's editor (4.0 to 5). Written by hand because `@types/node-red` lacks validators
 * that give a reason, and typedInput and autoComplete in the form that we need.
 */

/** A node as the editor holds it: its properties, and `_` for the texts of its own package. */
interface EditorNode {
  readonly id: string;
  readonly type: string;
  readonly _def: NodeDefinition;
  _(key: string, options?: Record<string, unknown>): string;
  [property: string]: unknown;
}

interface EditorProperty {
  /** Value in a new node; a property without it does not exist until the dialog is left with *Done*. */
  value?: unknown;
  required?: boolean;
  /** Type of the config node that this property names. */
  type?: string;
  label?: string;
  /** `true`, or the reason why not, if there is one. Node-RED takes a reason only from a function of two parameters. */
  validate?: Validator;
}

type Validator = (this: EditorNode, value: unknown, options: unknown) => boolean | string;

interface NodeDefinition {
  category: string;
  /** Parts that the chat dialogs share, from `dinox-broker` (`chat-parts.ts`). */
  addressRules?: unknown;
  chatParts?: unknown;
  watchShown?: unknown;
  /** From `dinox-bridge`: opens its dialog with one more rule. */
  openWithRule?: unknown;
  defaults: Record<string, EditorProperty>;
  credentials?: Record<string, { type: 'text' | 'password'; validate?: Validator }>;
  color?: string;
  inputs?: number;
  outputs?: number;
  icon?: string;
  align?: 'left' | 'right';
  paletteLabel?: string;
  label?(this: EditorNode): string;
  labelStyle?(this: EditorNode): string;
  outputLabels?(this: EditorNode, index: number): string;
  oneditprepare?(this: EditorNode): void;
  oneditsave?(this: EditorNode): void;
  oneditcancel?(this: EditorNode): void;
  oneditdelete?(this: EditorNode): void;
}

/** Inside a subflow its inputs and outputs are ends as well: the subflow itself, of the type `subflow`. */
interface EditorLink {
  source: EditorNode;
  sourcePort: number;
  target: EditorNode;
}

type RegisteredNode = NodeDefinition & { _?(key: string, options?: Record<string, unknown>): string };

interface EditorGroup extends EditorNode {
  nodes: EditorNode[];
}

interface HistoryEvent {
  t: string;
  dirty?: boolean;
  events?: HistoryEvent[];
  /** The nodes themselves for `delete`, their ids for `add`. */
  nodes?: (EditorNode | string)[];
  links?: EditorLink[];
  /** The properties before an `edit`. */
  node?: EditorNode;
  changes?: Record<string, unknown>;
  changed?: unknown;
  /** Called whenever this is undone or done again. */
  callback?(): void;
}

declare const RED: {
  nodes: {
    registerType(type: string, definition: NodeDefinition): void;
    /** Undefined for a missing type; each of ours can be switched off by itself. */
    getType(type: string): RegisteredNode | undefined;
    node(id: unknown): EditorNode | undefined;
    group(id: unknown): EditorGroup | undefined;
    subflow(id: unknown): EditorNode | undefined;
    workspace(id: unknown): EditorNode | undefined;
    eachSubflow(visit: (subflow: EditorNode) => unknown): void;
    filterNodes(wanted: { type: string }): EditorNode[];
    /** Visits all nodes except junctions, groups and subflows; ends early if `visit` returns false. */
    eachNode(visit: (node: EditorNode) => unknown): void;
    eachConfig(visit: (node: EditorNode) => unknown): void;
    id(): string;
    /** Puts nodes into the flows; throws if an id exists already. */
    import(nodes: object[], options: object): { nodes: EditorNode[]; links: EditorLink[] };
    add(node: EditorNode): EditorNode;
    remove(id: string): { links: EditorLink[] };
    addLink(link: EditorLink): void;
    filterLinks(filter: { source?: { id: string }; target?: { id: string } }): EditorLink[];
    dirty(): boolean;
    dirty(isDirty: boolean): void;
  };
  workspaces: { isLocked(id: string): boolean };
  editor: { validateNode(node: EditorNode): void; edit(node: EditorNode): void };
  history: { push(event: HistoryEvent): void };
  group: { markDirty(group: EditorGroup): void };
  /** An empty selection is `{}`. */
  view: { selection(): { nodes?: EditorNode[] }; redraw(update?: boolean, now?: boolean): void };
  actions: {
    add(name: string, action: () => void, options?: { label: string }): void;
    remove(name: string): void;
  };
  user: { hasPermission(permission: string): boolean };
  menu: {
    addItem(menu: string, options: { id: string; label: string; onselect: string }): void;
    removeItem(id: string): void;
  };
  clipboard: { copyText(text: string): boolean };
  utils: { getNodeLabel(node: EditorNode, fallback?: string): string };
  /** A string is read as HTML. */
  /** @param timeout milliseconds. */
  notify(
    content: string | JQuery,
    type?: 'success' | 'warning' | 'error',
    fixed?: boolean,
    timeout?: number,
  ): void;
  _(key: string, options?: Record<string, unknown>): string;
};

interface TypedInputType {
  value: string;
  label: string;
  hasValue?: boolean;
}

interface JQuery {
  dialog(options: Record<string, unknown>): this;
  dialog(method: 'destroy'): this;
  typedInput(options: { default?: string; typeField?: JQuery; types: (string | TypedInputType)[] }): this;
  typedInput(method: 'type' | 'value'): string;
  typedInput(method: 'type' | 'value', value: string): this;
  autoComplete(options: {
    minLength?: number;
    search(text: string, done: (found: { value: string; label: string | JQuery }[]) => void): void;
  }): this;
}
