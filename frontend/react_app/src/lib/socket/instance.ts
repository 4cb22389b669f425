import { authWsTicket, eventsList, session } from "../api";
import { SocketClient } from "./SocketClient";

function address(): string {
  const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${window.location.host}/ws/trading-data/`;
}

/** The application's one socket. */
export const socket = new SocketClient({
  url: address,
  ticket: async () => (await authWsTicket()).ticket,
  fetchAfter: async (stream, after) => (await eventsList({ query: { stream, after } })).results,
  page: (stream, after, signal) =>
    eventsList({ query: after === null ? { stream, newest: true } : { stream, after, wait: 25 }, signal }),
});

/** Keeps the socket in step with the session and the network. Returns the way to stop. */
export function tendSocket(): () => void {
  const onOnline = () => socket.wake();
  window.addEventListener("online", onOnline);
  const unsubscribe = session.subscribe(() => {
    if (session.status() === "active") socket.wake();
    else socket.stop();
  });
  return () => {
    window.removeEventListener("online", onOnline);
    unsubscribe();
    socket.stop();
  };
}
