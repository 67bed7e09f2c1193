export { registerDinoxAlert } from './nodes/dinox-alert/dinox-alert';
export { registerDinoxBroker } from './nodes/dinox-broker/dinox-broker';
export { registerDinoxHistory } from './nodes/dinox-history/dinox-history';
export { registerDinoxMqttIn } from './nodes/dinox-mqtt-in/dinox-mqtt-in';
export { registerDinoxMqttOut } from './nodes/dinox-mqtt-out/dinox-mqtt-out';
export { registerXmppIn } from './nodes/xmpp-in/xmpp-in';
export { registerXmppOut } from './nodes/xmpp-out/xmpp-out';
export { registerDinoxSidebar } from './plugins/dinox-sidebar/dinox-sidebar';
