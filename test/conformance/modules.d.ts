/** Node-RED's own nodes, which bring no types. */
declare module '@node-red/nodes/core/network/*' {
  const register: (RED: unknown) => void;
  export default register;
}
