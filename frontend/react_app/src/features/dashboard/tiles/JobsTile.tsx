import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { JobProgress } from "@/components/jobs";
import { Ago } from "@/components/time";
import type { Job } from "@/lib/api";
import { jobHref, jobTitle, STATUS_WORDS } from "@/lib/jobWords";
import { isOver, jobsQuery } from "@/lib/queries";

import styles from "../components/dashboard.module.css";
import { TileBody } from "../components/TileBody";

/** What ended last: so many lines under what runs. */
const ENDED = 5;

/** What runs now, with its stage, its time left and the way to stop it; then what ended last. */
export function JobsTile() {
  const query = useQuery(jobsQuery());
  return (
    <TileBody query={query} what="The jobs" rows={3}>
      {({ results }) => <Jobs jobs={results} />}
    </TileBody>
  );
}

function Jobs({ jobs }: { readonly jobs: readonly Job[] }) {
  const running = jobs.filter((job) => !isOver(job));
  const ended = jobs.filter(isOver).slice(0, ENDED);
  return (
    <>
      {running.length === 0 ? (
        <p className={styles.quiet}>Nothing runs.</p>
      ) : (
        <div className={styles.running}>
          {running.map((job) => (
            <JobProgress key={job.id} job={job} />
          ))}
        </div>
      )}
      {ended.length === 0 ? null : (
        <ul className={styles.lines}>
          {ended.map((job) => (
            <Ended key={job.id} job={job} />
          ))}
        </ul>
      )}
      <Anchor component={Link} to="/jobs" size="sm" className={styles.more}>
        All jobs
      </Anchor>
    </>
  );
}

function Ended({ job }: { readonly job: Job }) {
  const href = jobHref(job) ?? `/jobs?job=${job.id}`;
  return (
    <li className={styles.endedLine} title={job.error || job.message || undefined}>
      <Anchor component={Link} to={href} size="sm">
        {jobTitle(job)}
      </Anchor>
      <span className={styles.status} data-status={job.status}>
        {STATUS_WORDS[job.status].toLowerCase()}
      </span>
      <span className={styles.when}>{job.finished_at ? <Ago at={job.finished_at} /> : null}</span>
    </li>
  );
}
