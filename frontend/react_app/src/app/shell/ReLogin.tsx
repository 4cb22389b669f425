import { Button, Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { LoginForm } from "@/features/auth";
import { session } from "@/lib/api";
import { useMe } from "@/lib/queries";

/** The session has ended while somebody was at work: asks for the password over the page, which keeps what was typed. */
export function ReLogin() {
  const me = useMe();
  const client = useQueryClient();
  const status = useSyncExternalStore(session.subscribe, session.status);
  return (
    <Modal
      opened={status === "expired"}
      onClose={() => undefined}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      title="Your session has ended"
      size={360}
    >
      <p>Log in again to go on. This page and what you typed stay as they are.</p>
      <LoginForm username={me.username} onDone={() => void client.invalidateQueries()} />
      <Button variant="subtle" fullWidth mt="sm" onClick={() => session.forget()}>
        Log in as someone else
      </Button>
    </Modal>
  );
}
