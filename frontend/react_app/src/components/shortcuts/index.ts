export type { KeyedPage } from "./groups";
export { ShortcutList } from "./ShortcutList";
