import { Modal } from "@mantine/core";

import { ShortcutList } from "@/components/shortcuts";

import { usePages } from "./usePages";

/** Every key that does something, over whatever page one is on. */
export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const pages = usePages();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keyboard shortcuts"
      size={760}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <ShortcutList pages={pages} />
    </Modal>
  );
}
