import { Button } from "@mantine/core";

import { CopyButton } from "@/components/copy";
import { download } from "@/components/table";

import styles from "../components/settings.module.css";

/** Codes to keep away from the telephone. They are shown this once. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const text = `${codes.join("\n")}\n`;
  return (
    <div className={styles.shown} role="group" aria-label="Recovery codes">
      <p>
        <strong>Two-step log-in is on. Keep these ten codes.</strong> Each logs you in once when your app is out of reach.
        They are shown only now.
      </p>
      <ol className={styles.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className={styles.row}>
        <CopyButton text={text} what="the recovery codes" />
        <Button variant="default" onClick={() => download(new Blob([text], { type: "text/plain" }), "titan-recovery-codes.txt")}>
          Download
        </Button>
        <Button onClick={onDone}>I have kept them</Button>
      </div>
    </div>
  );
}
