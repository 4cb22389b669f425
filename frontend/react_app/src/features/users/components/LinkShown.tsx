import { CopyField } from "@/components/copy";
import { Instant } from "@/components/time";
import type { Invitation } from "@/lib/account";

import styles from "./users.module.css";

/** A link to hand over. It is shown this once; only its digest is kept. */
export function LinkShown({ invitation, username }: { invitation: Invitation; username: string }) {
  return (
    <div className={styles.link} role="group" aria-label={`Link for ${username}`}>
      <p>
        Give this link to {username}, and to nobody else: whoever opens it first sets the password. It works once, until{" "}
        <Instant at={invitation.expires_at} />, and is shown only now.
        {invitation.mailed ? " It was also mailed." : ""}
      </p>
      <CopyField label="Link" value={invitation.url} />
    </div>
  );
}
