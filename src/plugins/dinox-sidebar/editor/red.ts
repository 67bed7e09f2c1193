/// <reference path="../../../nodes/editor/red.d.ts" />

/** What the sidebar uses of Node-RED's editor beyond what the dialogs do. */
interface SidebarRed {
  sidebar: { addTab(options: object): void; show(id: string): void };
  actions: { add(name: string, action: () => void, options?: object): void };
  notify(
    text: JQuery,
    options: { type?: string; modal?: boolean; fixed?: boolean; timeout?: number; buttons?: NotifyButton[] },
  ): { close(): void };
  nodes: {
    registerType: unknown;
    id(): string;
    getType(type: string): NodeDefinition | null;
    eachConfig(visit: (node: EditorNode) => boolean | undefined): void;
  };
  view: { importNodes(nodes: object[], options?: object): void; focus(): void };
  workspaces: { active(): string };
  settings: { getLocal(key: string): string | null; setLocal(key: string, value: string): void };
  events: { on(name: string, listener: () => void): void };
}

export interface NotifyButton {
  text: string;
  class?: string;
  click(): void;
}

export const red = (): SidebarRed => RED as unknown as SidebarRed;
