import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";

import { ErrorNotice } from "@/components/feedback";
import { queuesQuery } from "@/lib/queries";

import styles from "./queues.module.css";
import { isStranded, QUEUE_ABOUT, QUEUE_WORDS, queueWords } from "./words";
import { WorkerTable } from "./WorkerTable";

interface Props {
  /** Whether the workers are listed. */
  open: boolean;
  onOpen: (open: boolean | undefined) => void;
}

/** What waits for whom: a line a queue, and below it, when asked for, the workers. */
export function Queues({ open, onOpen }: Props) {
  const { data, error, refetch } = useQuery(queuesQuery);
  const id = useId();
  const stranded = data?.filter(isStranded) ?? [];
  return (
    <section className={styles.queues} aria-label="Queues and workers">
      <div className={styles.strip}>
        {error && !data ? (
          <ErrorNotice error={error} what="The queues could not be loaded" onRetry={() => void refetch()} />
        ) : (
          <dl className={styles.list} aria-busy={!data}>
            {(data ?? []).map((queue) => (
              <div key={queue.name} className={styles.queue} data-stranded={isStranded(queue) || undefined}>
                <dt title={QUEUE_ABOUT[queue.name]}>{QUEUE_WORDS[queue.name]}</dt>
                <dd>{queueWords(queue)}</dd>
              </div>
            ))}
          </dl>
        )}
        <Button
          variant="default"
          size="compact-xs"
          mih={24}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => onOpen(open ? undefined : true)}
        >
          {open ? "Hide workers" : "Show workers"}
        </Button>
      </div>
      {stranded.length > 0 ? (
        <p role="status" className={styles.warning}>
          No worker serves {stranded.map(({ name }) => QUEUE_WORDS[name]).join(" and ")}: what waits there starts as soon as
          one does. Tell the administrator if that takes long.
        </p>
      ) : null}
      <div id={id}>{open ? <WorkerTable /> : null}</div>
    </section>
  );
}
