export { registerDinoxBroker } from './nodes/dinox-broker/dinox-broker';
export { registerDinoxMqttIn } from './nodes/dinox-mqtt-in/dinox-mqtt-in';
export { registerDinoxMqttOut } from './nodes/dinox-mqtt-out/dinox-mqtt-out';
export { registerDinoxSidebar } from './plugins/dinox-sidebar/dinox-sidebar';
