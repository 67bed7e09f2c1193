/// <reference path="../../../editor/red.d.ts" />

/** Parts of Node-RED's editor that the sidebar uses, but not the dialogs. */
interface SidebarRed {
  clipboard: { copyText(text: string): boolean };
  sidebar: { addTab(options: object): void; show(id: string): void };
  actions: { add(name: string, action: () => void, options?: object): void; invoke(name: string): void };
  notify(
    text: JQuery,
    options: { type?: string; modal?: boolean; fixed?: boolean; timeout?: number; buttons?: NotifyButton[] },
  ): { close(): void };
  nodes: {
    registerType: unknown;
    id(): string;
    getType(type: string): RegisteredNode | undefined;
    eachConfig(visit: (node: EditorNode) => boolean | undefined): void;
    node(id: string): EditorNode | null | undefined;
    addLink(link: EditorLink): void;
    filterNodes(wanted: { type: string }): EditorNode[];
    eachNode(visit: (node: EditorNode) => void): void;
    dirty(): boolean;
    dirty(isDirty: boolean): void;
    /** Puts nodes into the flows at their own positions; throws if an id exists already. */
    import(nodes: object[], options: object): { nodes: EditorNode[]; links: EditorLink[] };
  };
  editor: {
    /** Opens the dialog of a config node. @param name of the property that takes it; empty: none */
    editConfig(name: string, type: string, id: string): void;
  };
  history: {
    push(event: HistoryEvent): void;
    /** The step that an undo would take back. */
    peek(): HistoryEvent | undefined;
    /** Puts another step in its place. */
    replace(event: HistoryEvent): void;
  };
  view: {
    importNodes(nodes: object[], options?: object): void;
    focus(): void;
    redraw(update?: boolean): void;
    /** Scrolls to a node. */
    reveal(id: string, flash?: boolean): void;
  };
  workspaces: { active(): string; isLocked(id: string): boolean; show(id: string): void };
  settings: {
    /** Kept on the server, for this person. */
    get(key: string): unknown;
    set(key: string, value: unknown): void;
    /** Kept in this browser. */
    getLocal(key: string): string | null;
    setLocal(key: string, value: string): void;
  };
  events: {
    on(name: string, listener: () => void): void;
    on(name: 'nodes:add', listener: (node: EditorNode) => void): void;
    off(name: string, listener: () => void): void;
  };
}

export interface NotifyButton {
  text: string;
  class?: string;
  /** @param press the event, whose `detail` counts the clicks at this place */
  click(press?: { detail?: unknown }): void;
}

export const red = (): SidebarRed => RED as unknown as SidebarRed;
