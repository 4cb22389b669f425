import { Button } from "@mantine/core";

import { asApiError } from "@/lib/api";

import styles from "./feedback.module.css";

interface Props {
  error: unknown;
  /** What was being done, as the start of a sentence: "The symbols could not be loaded". */
  what?: string;
  onRetry?: () => void;
}

/** An error in words: what failed, why, how to mend it, and the id that finds it in the server's log. */
export function ErrorNotice({ error, what, onRetry }: Props) {
  const shown = asApiError(error);
  // The message often quotes the first field's; what it says already is not said again.
  const fields = Object.entries(shown.fields).filter(([, messages]) => !shown.message.includes(messages.join(" ")));
  return (
    <div role="alert" className={styles.error}>
      {what ? <strong>{what}. </strong> : null}
      {shown.message}
      {fields.length > 0 ? (
        <ul>
          {fields.map(([field, messages]) => (
            <li key={field}>
              {field === "non_field_errors" ? "" : `${field.replaceAll("_", " ")}: `}
              {messages.join(" ")}
            </li>
          ))}
        </ul>
      ) : null}
      {shown.requestId !== null || onRetry ? (
        <div className={styles.errorFoot}>
          {onRetry ? (
            <Button variant="default" onClick={onRetry}>
              Try again
            </Button>
          ) : null}
          {shown.requestId !== null ? (
            <span>
              Request id <code>{shown.requestId}</code>
            </span>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
