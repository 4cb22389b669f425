/** A channel as its form holds it, and back. */
import type { AlertDelivery, AlertChannel, AlertChannelUpdateRequestWritable } from "@/lib/api";
import { plural } from "@/lib/format";

export interface ChannelValues {
  kind: AlertChannel["kind"];
  name: string;
  url: string;
  address: string;
  secret: string;
  /** The secret it has is to be forgotten. */
  unsigned: boolean;
  is_active: boolean;
}

export const CHANNEL_FIELDS = ["name", "url", "address", "secret"] as const;
export type ChannelErrors = Partial<Record<(typeof CHANNEL_FIELDS)[number], string>>;

export function channelValues(channel: AlertChannel | null): ChannelValues {
  return {
    kind: channel?.kind ?? "webhook",
    name: channel?.name ?? "",
    url: channel?.url ?? "",
    address: channel?.address ?? "",
    secret: "",
    unsigned: false,
    is_active: channel?.is_active ?? true,
  };
}

function isWebAddress(typed: string): boolean {
  try {
    return ["http:", "https:"].includes(new URL(typed).protocol);
  } catch {
    return false;
  }
}

/** What is plainly wrong; whether the address may be reached only the server can tell. */
export function checkChannel({ kind, name, url, address }: ChannelValues): ChannelErrors {
  const errors: ChannelErrors = {};
  if (name.trim() === "") errors.name = "Give it a name.";
  if (kind === "webhook" && !isWebAddress(url.trim())) errors.url = "An address that begins with https:// or http://.";
  if (kind === "email" && !/^\S+@\S+\.\S+$/.test(address.trim())) errors.address = "An e-mail address.";
  return errors;
}

export type ChannelBody = AlertChannelUpdateRequestWritable & { name: string };

/** What is sent: only the fields of its kind, and the secret only where one was typed or is to go. */
export function channelBody({ kind, name, url, address, secret, unsigned, is_active }: ChannelValues): ChannelBody {
  if (kind === "email") return { name: name.trim(), address: address.trim(), is_active };
  const signing = unsigned ? { secret: "" } : secret === "" ? {} : { secret };
  return { name: name.trim(), url: url.trim(), is_active, ...signing };
}

/** How the last message fared: "test arrived", "on its way", "given up after 5 tries: …". */
export function deliveryWords({ status, is_test, attempts, error }: AlertDelivery): string {
  const what = is_test ? "test " : "";
  if (status === "delivered") return `${what}arrived`;
  if (status === "gave_up") return `${what}given up after ${plural(attempts, "try", "tries")}: ${error}`;
  return error === "" ? `${what}on its way` : `${what}to be tried again: ${error}`;
}
