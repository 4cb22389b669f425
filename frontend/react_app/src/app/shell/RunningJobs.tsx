import { Anchor, Popover } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { JobProgress } from "@/components/jobs";
import { formatPercent, plural } from "@/lib/format";
import { jobHref, jobTitle, STATUS_WORDS } from "@/lib/jobWords";

import styles from "./shell.module.css";
import type { JobsFeed } from "./useJobsFeed";

/** What runs now, wherever one is; and what has finished since one last looked. */
export function RunningJobs({ feed }: { feed: JobsFeed }) {
  const [opened, setOpened] = useState(false);
  const { running, finished, markSeen } = feed;
  const change = (open: boolean) => {
    setOpened(open);
    if (!open) markSeen();
  };
  if (!opened && running.length === 0 && finished.length === 0) return null;
  const first = running[0];
  return (
    <Popover opened={opened} onChange={change} position="bottom-end" trapFocus returnFocus withRoles>
      <Popover.Target>
        <button
          type="button"
          className={`${styles.quietButton} ${styles.working}`}
          onClick={() => change(!opened)}
        >
          {first ? (
            <>
              <span>{running.length === 1 ? first.stage || "Waiting" : plural(running.length, "job")}</span>
              <span className={styles.miniTrack} aria-hidden>
                <span className={styles.miniFill} style={{ width: `${first.progress * 100}%` }} />
              </span>
              <span>{formatPercent(first.progress)}</span>
            </>
          ) : (
            <span>Jobs</span>
          )}
          {finished.length > 0 ? (
            <span className={styles.badge}>
              {finished.length}
              <span className="visually-hidden"> finished since you last looked</span>
            </span>
          ) : null}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Jobs">
        <div className={styles.jobs}>
          {running.map((job) => (
            <JobProgress key={job.id} job={job} />
          ))}
          {running.length === 0 ? <span>Nothing runs.</span> : null}
          {finished.map((job) => (
            <div key={job.id} className={styles.finished}>
              <strong>{jobTitle(job)}</strong>
              <span>{STATUS_WORDS[job.status].toLowerCase()}</span>
              {jobHref(job) ? (
                <Anchor component={Link} to={jobHref(job) ?? "/jobs"} size="sm" onClick={() => change(false)}>
                  Open
                </Anchor>
              ) : null}
            </div>
          ))}
          <Anchor component={Link} to="/jobs" size="sm" onClick={() => change(false)}>
            All jobs
          </Anchor>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
