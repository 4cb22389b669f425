import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";

import { ErrorNotice } from "@/components/feedback";
import { auditVerify } from "@/lib/api";
import { formatCount, plural } from "@/lib/format";

import styles from "./users.module.css";

/** Each entry seals the one before it: reading them all shows whether one was altered or taken out. */
export function VerifyChain() {
  const verify = useMutation({ mutationFn: () => auditVerify() });
  const verdict = verify.data;
  return (
    <div className={styles.actions}>
      <Button variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
        Verify the chain
      </Button>
      <div role="status">
        {verdict ? (
          <span className={styles.verdict} data-ok={verdict.ok}>
            {verdict.ok
              ? `Unbroken: ${plural(verdict.n_entries, "entry", "entries")}, each sealed by the next.`
              : `Broken at entry ${formatCount(verdict.first_broken)}: it was altered, or one before it is missing. Compare with a backup.`}
          </span>
        ) : null}
      </div>
      {verify.error ? <ErrorNotice error={verify.error} what="The chain could not be read" /> : null}
    </div>
  );
}
