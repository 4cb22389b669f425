import type { Share } from "@/lib/api";
import { useRevokeShare } from "@/lib/queries";

import { ConfirmButton } from "../confirm";
import styles from "./share.module.css";

/** Ends a link at once, for everyone who has it. */
export function RevokeButton({ share }: { readonly share: Pick<Share, "id" | "title"> }) {
  const revoke = useRevokeShare();
  return (
    <span className={styles.revoke}>
      {revoke.error ? <span role="alert">{revoke.error.message}</span> : null}
      <ConfirmButton
        label="Revoke"
        size="compact-xs"
        about={share.title || `link ${share.id}`}
        question="Whoever has this link sees nothing any more. It cannot be opened again."
        yes="Revoke it"
        loading={revoke.isPending}
        onConfirm={() => revoke.mutate(share.id)}
      />
    </span>
  );
}
