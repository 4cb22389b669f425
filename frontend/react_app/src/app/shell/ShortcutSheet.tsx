import { Modal, Switch } from "@mantine/core";

import { setSingleKeys, useSingleKeys } from "@/lib/preferences";

import { PAGES } from "./pages";
import styles from "./shell.module.css";

const EVERYWHERE: readonly [string[], string][] = [
  [["Ctrl", "K"], "Go to a page, symbol or pair (⌘ K on a Mac)"],
  [["Esc"], "Close what is open"],
];

const SINGLE: readonly [string[], string][] = [
  [["?"], "This sheet"],
  [["/"], "Search on the page"],
  ...PAGES.map(({ key, label }): [string[], string] => [["g", key], `Go to ${label}`]),
];

const TABLES: readonly [string[], string][] = [
  [["↑", "↓"], "Previous or next row"],
  [["Home", "End"], "First or last row"],
  [["Enter"], "Open the row"],
  [["Space"], "Select the row, where rows can be selected"],
];

function Keys({ title, keys }: { title: string; keys: readonly [string[], string][] }) {
  return (
    <>
      <h3>{title}</h3>
      <dl className={styles.keys}>
        {keys.map(([names, does]) => (
          <div key={does} style={{ display: "contents" }}>
            <dt>
              {names.map((name) => (
                <kbd key={name}>{name}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** Every key that does something, and the switch for those pressed alone. */
export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const singleKeys = useSingleKeys();
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" closeButtonProps={{ "aria-label": "Close" }}>
      <Keys title="Everywhere" keys={EVERYWHERE} />
      <Keys title="Single keys" keys={SINGLE} />
      <Switch
        checked={singleKeys}
        onChange={(event) => setSingleKeys(event.currentTarget.checked)}
        label="Single keys act"
        description="Turn this off if you speak to your computer, or press keys by accident."
        mb="lg"
      />
      <Keys title="In tables" keys={TABLES} />
    </Modal>
  );
}
