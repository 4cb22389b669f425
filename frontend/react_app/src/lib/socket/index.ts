export { socket, tendSocket } from "./instance";
export { POLITE_MS, useJobLive, useSocketState, useStream } from "./hooks";
export { SocketClient, type Follower, type SocketState } from "./SocketClient";
export type { Subscription } from "./streams";
