/** What the tests use of node-red-node-test-helper 0.3, which brings no types. */
declare module 'node-red-node-test-helper' {
  const helper: {
    /** Merges into the runtime's settings; each call starts from the defaults again. */
    settings(settings: Record<string, unknown>): unknown;
    /** Loads the modules' node types and starts the flow. */
    load(modules: unknown[], flow: unknown[], credentials: Record<string, unknown>): Promise<void>;
    /** Deploys as the editor does; rejects when the flows have not started within 300 ms. */
    setFlows(
      flow: unknown[],
      type: 'full' | 'flows' | 'nodes',
      credentials?: Record<string, unknown>,
    ): Promise<void>;
    /** Stops the flow and forgets the types. */
    unload(): Promise<void>;
    getNode(id: string): unknown;
  };
  export default helper;
}
