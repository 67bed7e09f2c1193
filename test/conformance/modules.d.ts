/** Node-RED's own nodes, which bring no types. */
declare module '@node-red/nodes/core/*' {
  const register: (RED: unknown) => void;
  export default register;
}
