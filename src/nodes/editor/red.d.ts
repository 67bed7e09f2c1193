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
  value: unknown;
  required?: boolean;
  /** Type of the config node that this property names. */
  type?: string;
  label?: string;
  /** `true`, or the reason why not. Node-RED takes a reason only from a function of two parameters. */
  validate?: Validator;
}

type Validator = (this: EditorNode, value: unknown, options: unknown) => true | string;

interface NodeDefinition {
  category: string;
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
}

declare const RED: {
  nodes: {
    registerType(type: string, definition: NodeDefinition): void;
    node(id: unknown): EditorNode | null;
    eachNode(visit: (node: EditorNode) => void): void;
  };
  _(key: string, options?: Record<string, unknown>): string;
};

interface TypedInputType {
  value: string;
  label: string;
  hasValue?: boolean;
}

interface JQuery {
  typedInput(options: { default?: string; typeField?: JQuery; types: (string | TypedInputType)[] }): this;
  typedInput(method: 'type' | 'value'): string;
  typedInput(method: 'type' | 'value', value: string): this;
  autoComplete(options: {
    minLength?: number;
    search(text: string): { value: string; label: string }[];
  }): this;
}
