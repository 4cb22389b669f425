/** One line of the sheet: keys pressed together or one after the other, and what they do. */
export interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
}

export interface ShortcutGroup {
  readonly title: string;
  /** Keys pressed alone, which can be switched off. */
  readonly single?: boolean;
  readonly shortcuts: readonly Shortcut[];
}

/** A page that a letter after `g` leads to. */
export interface KeyedPage {
  readonly key: string;
  readonly label: string;
}

/** Every key that does something, in the order people meet them. */
export function shortcutGroups(pages: readonly KeyedPage[]): ShortcutGroup[] {
  return [
    {
      title: "Everywhere",
      shortcuts: [
        { keys: ["Ctrl", "K"], does: "Go to a page, symbol or pair (⌘ K on a Mac)" },
        { keys: ["Esc"], does: "Close what is open" },
      ],
    },
    {
      title: "Single keys",
      single: true,
      shortcuts: [
        { keys: ["?"], does: "This sheet" },
        { keys: ["/"], does: "Search on the page" },
        ...pages.map(({ key, label }) => ({ keys: ["g", key], does: `Go to ${label}` })),
      ],
    },
    {
      title: "In tables",
      shortcuts: [
        { keys: ["↑", "↓"], does: "Previous or next row; from the first row up into the heading" },
        { keys: ["Page ↑", "Page ↓"], does: "A screenful of rows" },
        { keys: ["Home", "End"], does: "First or last row" },
        { keys: ["Enter"], does: "Open the row; in the heading, sort by the column" },
        { keys: ["Space"], does: "Select the row, where rows can be selected" },
        { keys: ["←", "→"], does: "In the heading: previous or next column" },
        { keys: ["Shift", "← →"], does: "In the heading: narrower or wider" },
        { keys: ["Ctrl", "← →"], does: "In the heading: move the column" },
      ],
    },
    {
      title: "In charts",
      shortcuts: [
        { keys: ["←", "→"], does: "Read bar by bar; with Shift in longer steps" },
        { keys: ["Home", "End"], does: "First or last bar on screen" },
        { keys: ["Page ↑", "Page ↓"], does: "Pan" },
        { keys: ["+", "−"], does: "Zoom" },
        { keys: ["0"], does: "Show everything" },
        { keys: ["Esc"], does: "Stop reading" },
      ],
    },
  ];
}
