import { useMutation, useQuery } from "@tanstack/react-query";

import { ConfirmButton } from "@/components/confirm";
import { ErrorNotice, SkeletonRows } from "@/components/feedback";
import { Instant } from "@/components/time";
import type { SessionInfo } from "@/lib/account";
import { authLogoutEverywhere, session } from "@/lib/api";

import styles from "../components/settings.module.css";
import { sessionsQuery, useRevokeSession } from "../queries";
import { deviceWords } from "../words";

/** Where one is logged in; any of it can be ended. */
export function SessionsBlock() {
  const { data, error, refetch } = useQuery(sessionsQuery);
  const everywhere = useMutation({ mutationFn: () => authLogoutEverywhere(), onSuccess: () => session.forget() });
  return (
    <div className={styles.block}>
      <h2>Sessions</h2>
      <p className={styles.lead}>Browsers and programs that are logged in as you. What you end is out at once.</p>
      {error ? (
        <ErrorNotice error={error} what="The sessions could not be loaded" onRetry={() => void refetch()} />
      ) : null}
      {!data && !error ? <SkeletonRows rows={3} label="Loading the sessions" /> : null}
      {data ? (
        <ul className={styles.list} aria-label="Sessions">
          {data.map((each) => (
            <SessionLine key={each.id} session={each} />
          ))}
        </ul>
      ) : null}
      {everywhere.error ? <ErrorNotice error={everywhere.error} what="You are still logged in" /> : null}
      <div className={styles.row}>
        <ConfirmButton
          label="Log out everywhere"
          question="Every session ends, this one too. API keys stay; revoke them one by one."
          onConfirm={() => everywhere.mutate()}
          loading={everywhere.isPending}
        />
      </div>
    </div>
  );
}

function SessionLine({ session: each }: { session: SessionInfo }) {
  const revoke = useRevokeSession();
  const device = deviceWords(each.user_agent);
  return (
    <li className={styles.item}>
      <div className={styles.itemBody}>
        <strong title={each.user_agent}>{device}</strong>
        {each.is_current ? " · this session" : ""}
        <p>
          Last used <Instant at={each.last_used_at} />
          {each.address ? ` from ${each.address}` : ""}; logged in <Instant at={each.created_at} />
        </p>
        {revoke.error ? <ErrorNotice error={revoke.error} what="The session was not ended" /> : null}
      </div>
      {each.is_current ? null : (
        <ConfirmButton
          label="End"
          about={device}
          question={`End the session of ${device}? Whoever uses it must log in again.`}
          yes="End the session"
          onConfirm={() => revoke.mutate(each.id)}
          loading={revoke.isPending}
        />
      )}
    </li>
  );
}
