import { oneOf } from "@/lib/urlState";

export const SECTIONS = ["profile", "preferences", "security", "keys", "notifications", "keyboard"] as const;

/** A part of the settings; the last piece of its address. */
export type Section = (typeof SECTIONS)[number];

export const SECTION_WORDS: Record<Section, string> = {
  profile: "Profile",
  preferences: "Preferences",
  security: "Security",
  keys: "API keys",
  notifications: "Notifications",
  keyboard: "Keyboard",
};

/** The section an address names; the first for anything else. */
export function sectionOf(value: unknown): Section {
  return oneOf(value, SECTIONS) ?? "profile";
}
