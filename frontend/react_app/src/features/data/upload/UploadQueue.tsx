import { Button } from "@mantine/core";

import { ErrorNotice } from "@/components/feedback";
import { formatBytes, formatPercent } from "@/lib/format";

import styles from "./upload.module.css";
import { dropUpload, retryUpload, type Upload } from "./uploads";

interface Props {
  readonly uploads: readonly Upload[];
  /** The request's fields for one file, with the options as they stand now. */
  readonly fieldsOf: (file: File) => Record<string, string>;
}

/** Files that wait, are being sent, or were refused, each with the way out. */
export function UploadQueue({ uploads, fieldsOf }: Props) {
  const shown = uploads.filter(({ state }) => state !== "accepted");
  if (shown.length === 0) return null;
  return (
    <ul className={styles.queue} aria-label="Files on their way">
      {shown.map((upload) => (
        <li key={upload.id}>
          {upload.state === "refused" ? (
            <div className={styles.refused}>
              <ErrorNotice error={upload.error} what={`${upload.file.name} was not taken in`} />
              <Button variant="default" onClick={() => retryUpload(upload.id, fieldsOf(upload.file))}>
                Send again
              </Button>
              <Button variant="default" onClick={() => dropUpload(upload.id)} aria-label={`Remove ${upload.file.name}`}>
                Remove
              </Button>
            </div>
          ) : (
            <Sending upload={upload} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Sending({ upload: { id, file, state, sent } }: { readonly upload: Upload }) {
  const share = file.size === 0 ? 0 : sent / file.size;
  const words =
    state === "waiting"
      ? "waiting"
      : share >= 1
        ? "sent; the server takes it in"
        : `${formatBytes(sent)} of ${formatBytes(file.size)}, ${formatPercent(share)}`;
  return (
    <div className={styles.sending}>
      <strong>{file.name}</strong>
      <div
        role="progressbar"
        aria-label={`Sending ${file.name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        className={styles.track}
      >
        <div className={styles.fill} style={{ width: `${share * 100}%` }} />
      </div>
      <span className={styles.words}>{words}</span>
      <Button variant="default" size="compact-xs" mih={24} onClick={() => dropUpload(id)} aria-label={`Stop sending ${file.name}`}>
        Stop
      </Button>
    </div>
  );
}
